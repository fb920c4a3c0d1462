/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains built on a simulated hypervisor, and then looked at as their kernel will:
 * through the page tables, from the registers of the first VCPU. And with every call
 * of the hypervisor failing in its turn: nothing may be left then.
 */
#include "../../unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/grant_table.h>

#include "build/build.h"
#include "image.h"
#include "sim_host.h"

#define PAGE 4096ul
#define MIB 32u
#define PAGES ((MIB << 8) + 100)
#define KIB (PAGES * 4)
#define PTE_RW 2u
#define RAMDISK_BYTES 10001

static char dir[64], kernel[80], ramdisk[80];
static struct build_request request;
static struct build_result result;
static struct error e;

static void write_file(const char *name, const void *p, size_t bytes)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, p, bytes), bytes);
	close(fd);
}

static void write_kernel(void)
{
	write_file(kernel, &image, sizeof(image));
}

static int setup(void **state)
{
	uint8_t bytes[RAMDISK_BYTES];

	sim_host_reset();
	image_setup(state);
	strcpy(dir, "/tmp/xenolith-build-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(kernel, sizeof(kernel), "%s/kernel", dir);
	snprintf(ramdisk, sizeof(ramdisk), "%s/ramdisk", dir);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i % 253;
	write_file(ramdisk, bytes, sizeof(bytes));
	write_kernel();
	request = (struct build_request){ .kernel = kernel,
					  .ramdisk = ramdisk,
					  .cmdline = "root=/dev/xvda1 quiet",
					  .memory_kib = KIB,
					  .vcpus = 2 };
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	assert_int_equal(sim_host.mappings, 0);
	assert_int_equal(sim_host.buffers, 0);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* The entry that maps an address, or 0. */
static uint64_t walk(uint64_t va)
{
	xen_pfn_t frame = xen_cr3_to_pfn(sim_host.vcpu.ctrlreg[3]);
	uint64_t entry = 0;

	for (int shift = 39; shift >= 12; shift -= 9) {
		entry = ((uint64_t *)sim_frame(frame))[va >> shift & 511];
		if (!(entry & 1))
			return 0;
		frame = (entry & 0xfffffffffffff) >> 12;
	}
	return entry;
}

static xen_pfn_t frame_at(uint64_t va)
{
	uint64_t entry = walk(va);

	assert_true(entry);
	return entry >> 12;
}

/* What a kernel reads at an address. */
static void *at(uint64_t va)
{
	return (char *)sim_frame(frame_at(va)) + va % PAGE;
}

static uint8_t byte_at(uint64_t va)
{
	return *(uint8_t *)at(va);
}

static uint64_t p2m(const struct start_info *si, uint64_t pfn)
{
	return *(uint64_t *)at(si->mfn_list + pfn * 8);
}

/* The initial region: pfn by pfn, page tables read-only, with an end like that. */
static void check_region(const struct start_info *si, uint64_t base)
{
	uint64_t va = base, stack = sim_host.vcpu.user_regs.rsp;

	for (; walk(va); va += PAGE) {
		bool table = va >= si->pt_base && va < si->pt_base + si->nr_pt_frames * PAGE;

		assert_int_equal(sim_host.pfn[frame_at(va)], (va - base) / PAGE);
		assert_int_equal(!!(walk(va) & PTE_RW), !table);
	}
	assert_int_equal(va % (4 << 20), 0);
	assert_true(va >= stack + (512 << 10));
	assert_int_equal(walk(base - PAGE), 0);
	assert_int_equal(si->pt_base + si->nr_pt_frames * PAGE + PAGE, stack);
	assert_int_equal(frame_at(si->pt_base), sim_host.l4);
}

static void check_list(const struct start_info *si)
{
	for (uint64_t pfn = 0; pfn < si->nr_pages; pfn++)
		assert_int_equal(sim_host.pfn[p2m(si, pfn)], pfn);
	/* The rest of its last page. */
	for (uint64_t pfn = si->nr_pages; pfn % 512; pfn++)
		assert_int_equal(p2m(si, pfn), 0);
}

static void check_kernel(uint64_t base)
{
	for (size_t i = 0; i < sizeof(image.text); i++)
		assert_int_equal(byte_at(base + TEXT + i), image.text[i]);
	for (uint64_t i = TEXT + sizeof(image.text); i < DATA; i++)
		assert_int_equal(byte_at(base + i), 0);
	for (size_t i = 0; i < sizeof(image.data); i++)
		assert_int_equal(byte_at(base + DATA + i), 'd');
	for (uint64_t i = DATA + sizeof(image.data); i < END; i++)
		assert_int_equal(byte_at(base + i), 0);
}

static void check_start_info(const struct start_info *si)
{
	const struct grant_entry_v1 *grants = sim_frame(SIM_GRANT_TABLE);
	const struct shared_info *shared = sim_frame(SIM_SHARED_INFO);

	assert_string_equal(si->magic, "xen-3.0-x86_64");
	assert_int_equal(si->nr_pages, PAGES);
	assert_int_equal(si->shared_info, SIM_SHARED_INFO * PAGE);
	assert_string_equal((char *)si->cmd_line, "root=/dev/xvda1 quiet");
	assert_int_equal(si->store_mfn, result.store_mfn);
	assert_int_equal(si->store_evtchn, result.store_port);
	assert_int_equal(si->console.domU.mfn, result.console_mfn);
	assert_int_equal(si->console.domU.evtchn, result.console_port);
	assert_int_not_equal(result.store_port, result.console_port);
	for (size_t i = 0; i < PAGE; i++) {
		assert_int_equal(((uint8_t *)sim_frame(result.store_mfn))[i], 0);
		assert_int_equal(((uint8_t *)sim_frame(result.console_mfn))[i], 0);
	}
	assert_int_equal(grants[GNTTAB_RESERVED_CONSOLE].frame, result.console_mfn);
	assert_int_equal(grants[GNTTAB_RESERVED_XENSTORE].frame, result.store_mfn);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(grants[i].flags, GTF_permit_access);
		assert_int_equal(grants[i].domid, 0);
	}
	for (int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		assert_int_equal(shared->vcpu_info[i].evtchn_upcall_mask, 1);
}

/* Everything that is the same for all kernels; returns start_info. */
static const struct start_info *build_and_check(uint64_t base)
{
	const struct cpu_user_regs *r = &sim_host.vcpu.user_regs;
	const struct start_info *si;

	write_kernel();
	if (build_domain(&sim_host_control, &request, &result, &e))
		fail_msg("%s", e.text);
	assert_int_equal(result.domid, SIM_DOMID);
	assert_true(sim_host.exists);
	assert_int_equal(sim_host.vcpus, 2);
	assert_int_equal(sim_host.frames, PAGES);
	assert_int_equal(sim_host.max_kib, KIB);
	assert_int_equal(sim_host.map_bytes, KIB << 10);
	assert_int_equal(r->rip, base + TEXT + 0x40);
	assert_int_equal(r->cs, FLAT_KERNEL_CS);
	assert_int_equal(r->ss, FLAT_KERNEL_SS);
	assert_int_equal(xen_cr3_to_pfn(sim_host.vcpu.ctrlreg[3]), sim_host.l4);
	si = at(r->rsi);
	check_start_info(si);
	check_region(si, base);
	check_list(si);
	check_kernel(base);
	return si;
}

/* Linux: the list far away, the ram disk nowhere. */
static void test_apart(void **state)
{
	const struct start_info *si = build_and_check(VIRT_BASE);
	uint64_t region;

	(void)state;
	assert_int_equal(si->mfn_list, 0x8000000000);
	assert_int_equal(si->flags, SIF_VIRT_P2M_4TOOLS | SIF_MOD_START_PFN);
	assert_int_equal(si->mod_len, RAMDISK_BYTES);
	for (size_t i = 0; i < 3 * PAGE; i++) {
		const uint8_t *page = sim_frame(p2m(si, si->mod_start + i / PAGE));

		assert_int_equal(page[i % PAGE], i < RAMDISK_BYTES ? i % 253 : 0);
	}
	/* The list's frames, and its tables, are behind the region. */
	for (region = 0; walk(VIRT_BASE + region * PAGE); region++)
		;
	assert_int_equal(si->first_p2m_pfn, region);
	assert_int_equal(si->nr_p2m_frames, (MIB << 8) / 512 + 1 + 3);
	assert_int_equal(si->mod_start, region + si->nr_p2m_frames);
	assert_int_equal(sim_host.hypercall_page, frame_at(VIRT_BASE + TEXT + 0x1000));
	assert_int_equal(sim_host.extents[9], MIB / 2);
}

static void test_all_in_one(void **state)
{
	const uint64_t base = 0x400000;
	const struct start_info *si;

	(void)state;
	note(0, XEN_ELFNOTE_ENTRY, base + TEXT + 0x40);
	note(1, XEN_ELFNOTE_XEN_VERSION, 0);
	note(2, XEN_ELFNOTE_VIRT_BASE, base);
	note(3, XEN_ELFNOTE_XEN_VERSION, 0);
	note(4, XEN_ELFNOTE_XEN_VERSION, 0);
	si = build_and_check(base);
	assert_int_equal(si->flags, SIF_VIRT_P2M_4TOOLS);
	assert_int_equal(si->nr_p2m_frames, 0);
	assert_int_equal(si->mod_start, base + END);
	assert_int_equal(si->mfn_list, base + END + 3 * PAGE);
	for (size_t i = 0; i < 3 * PAGE; i++)
		assert_int_equal(byte_at(si->mod_start + i), i < RAMDISK_BYTES ? i % 253 : 0);
}

static void test_small_extents(void **state)
{
	(void)state;
	sim_host.largest_order = 0;
	build_and_check(VIRT_BASE);
	assert_int_equal(sim_host.extents[0], PAGES);
}

static void test_no_ramdisk(void **state)
{
	const struct start_info *si;

	(void)state;
	request.ramdisk = NULL;
	si = build_and_check(VIRT_BASE);
	assert_int_equal(si->mod_len, 0);
	assert_int_equal(si->mod_start, 0);
	assert_int_equal(si->flags, SIF_VIRT_P2M_4TOOLS);
}

static void test_limits(void **state)
{
	struct cpu_map cpus = { .bits = { 2 } };

	(void)state;
	request.max_kib = 2 * KIB;
	request.cpus = &cpus;
	assert_int_equal(build_domain(&sim_host_control, &request, &result, &e), 0);
	assert_int_equal(sim_host.max_kib, 2 * KIB);
	assert_int_equal(sim_host.map_bytes, 2ul * (KIB << 10));
	assert_int_equal(sim_host.frames, PAGES);
	for (int i = 0; i < 2; i++)
		assert_int_equal(sim_host.affinity[i].bits[0], 2);
}

static void assert_refused(int number, const char *why)
{
	assert_int_equal(build_domain(&sim_host_control, &request, &result, &e), -1);
	if (!strstr(e.text, why))
		fail_msg("'%s' does not say '%s'", e.text, why);
	assert_int_equal(e.number, number);
	assert_false(sim_host.exists);
	setup(NULL);
}

static void test_bad_requests(void **state)
{
	static char line[2000];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	request.cmdline = line;
	assert_refused(EINVAL, "command line has 1999 bytes; 1023 are allowed");
	request.vcpus = 0;
	assert_refused(EINVAL, "vcpus = 0");
	request.max_kib = request.memory_kib - 1;
	assert_refused(EINVAL, "maxmem");
	request.memory_kib = 8 << 10;
	assert_refused(EINVAL, "memory = 8 MiB is too little: it needs 21 to start");
	request.memory_kib = 1 << 30;
	assert_refused(ENOMEM, "memory = 1048576 MiB is more than is free: 128 MiB");
	request.kernel = "/nothing/here";
	assert_refused(ENOENT, "kernel '/nothing/here': No such file");
	request.ramdisk = "/nothing/here";
	assert_refused(ENOENT, "ramdisk '/nothing/here': No such file");
	request.ramdisk = dir;
	assert_refused(EINVAL, "not a file");
}

/* Less memory than it seemed: somebody else was faster. */
static void test_memory_runs_out(void **state)
{
	(void)state;
	sim_host.free_frames = PAGES - 1;
	sim_host.taken_later = 1;
	assert_int_equal(build_domain(&sim_host_control, &request, &result, &e), -1);
	assert_int_equal(e.number, ENOMEM);
	assert_string_equal(e.text, "the host has 32 of the 32 MiB of memory asked for");
	assert_false(sim_host.exists);
}

/* Call after call fails, until none is left to. */
static void test_each_call_fails(void **state)
{
	int calls;

	(void)state;
	assert_int_equal(build_domain(&sim_host_control, &request, &result, &e), 0);
	calls = sim_host.calls;
	assert_true(calls > 20);
	for (int i = 1; i <= calls; i++) {
		sim_host_reset();
		sim_host.fail_at = i;
		memset(&e, 0, sizeof(e));
		/* Large extents are asked for, and small ones do: no failure. */
		if (build_domain(&sim_host_control, &request, &result, &e) == 0) {
			assert_int_equal(sim_host.frames, PAGES);
			continue;
		}
		if (sim_host.exists)
			fail_msg("call %d failed (%s), and there is a domain", i, e.text);
		assert_int_not_equal(e.number, 0);
		assert_int_not_equal(e.text[0], 0);
		assert_int_equal(sim_host.mappings, 0);
		assert_int_equal(sim_host.buffers, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(apart),  TEST(all_in_one),	  TEST(small_extents),	 TEST(no_ramdisk),
		TEST(limits), TEST(bad_requests), TEST(memory_runs_out), TEST(each_call_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
