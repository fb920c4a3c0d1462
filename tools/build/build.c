/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building a domain, from first to last: read and unpack the kernel, make an empty
 * domain, give it memory, plan and fill what its kernel will find there, and set up
 * its first VCPU. All or nothing: what fails takes the domain away again.
 */
#include "build/build.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "build/kernel.h"
#include "build/layout.h"
#include "build/memory.h"
#include "build/start.h"
#include "build/tables.h"

struct ramdisk {
	int fd; /* -1: there is none */
	uint64_t bytes;
};

/* A domain in the making. */
struct builder {
	struct control *control;
	const struct build_request *request;
	struct kernel kernel;
	struct ramdisk ramdisk;
	struct layout layout;
	struct memory memory;
	struct control_domain domain;
	struct build_result result;
	uint64_t started, mark; /* ns */
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* The time since the last call, or since the beginning. */
static uint64_t lap(struct builder *b)
{
	uint64_t t = now(), since = t - b->mark;

	b->mark = t;
	return since;
}

static int check(const struct build_request *r, struct error *e)
{
	if (r->vcpus == 0)
		return error_set(e, EINVAL, "vcpus = 0: a domain has at least one");
	if (r->memory_kib < 1024)
		return error_set(e, EINVAL, "memory = %lu KiB: a domain has at least 1 MiB",
				 r->memory_kib);
	if (r->max_kib && r->max_kib < r->memory_kib)
		return error_set(e, EINVAL, "maxmem = %lu KiB is less than memory = %lu KiB",
				 r->max_kib, r->memory_kib);
	if (r->cmdline && strlen(r->cmdline) >= MAX_GUEST_CMDLINE)
		return error_set(e, EINVAL,
				 "the kernel's command line has %zu bytes; %u are allowed",
				 strlen(r->cmdline), MAX_GUEST_CMDLINE - 1);
	return 0;
}

/* Asked first: giving all there is, and taking it back, would take long. */
static int check_free(struct control *c, const struct build_request *r, struct error *e)
{
	struct control_node n;

	if (control_node(c, &n, e))
		return -1;
	if (n.free_kib < r->memory_kib)
		return error_set(e, ENOMEM, "memory = %lu MiB is more than is free: %lu MiB",
				 r->memory_kib >> 10, n.free_kib >> 10);
	return 0;
}

static int open_ramdisk(struct ramdisk *r, const char *path, struct error *e)
{
	struct stat st;

	r->fd = -1;
	if (!path)
		return 0;
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (r->fd < 0 || fstat(r->fd, &st))
		return error_errno(e, "ramdisk '%s'", path);
	if (!S_ISREG(st.st_mode))
		return error_set(e, EINVAL, "ramdisk '%s': not a file", path);
	r->bytes = st.st_size;
	return 0;
}

static int load_kernel(const struct builder *b, struct error *e)
{
	uint64_t image = b->layout.image;
	void *to = memory_at(&b->memory, layout_pfn(&b->layout, image)) + image % PAGE_SIZE;

	if (kernel_load(&b->kernel, to, e))
		return error_prefix(e, "kernel '%s'", b->request->kernel);
	return 0;
}

/* Straight from the file into the domain. */
static int load_ramdisk(const struct builder *b, struct error *e)
{
	const struct layout *l = &b->layout;
	const struct ramdisk *r = &b->ramdisk;
	uint64_t pfn = l->ramdisk_apart ? l->ramdisk_pfn : layout_pfn(l, l->ramdisk);
	char *to = memory_at(&b->memory, pfn);
	uint64_t done = 0;
	ssize_t n;

	while (done < r->bytes) {
		n = pread(r->fd, to + done, r->bytes - done, done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(e, "ramdisk '%s'", b->request->ramdisk);
		if (n == 0)
			return error_set(e, EIO, "ramdisk '%s' became shorter while it was read",
					 b->request->ramdisk);
		done += n;
	}
	/* The rest of its last page. */
	memset(to + done, 0, -done & (PAGE_SIZE - 1));
	return 0;
}

static void fill_start_info(const struct builder *b)
{
	const struct layout *l = &b->layout;
	const struct memory *m = &b->memory;
	struct start_info *si = memory_at(m, layout_pfn(l, l->start_info));

	/* The three pages are one behind the other. */
	memset(si, 0, 3 * PAGE_SIZE);
	strcpy(si->magic, "xen-3.0-x86_64");
	si->nr_pages = l->nr_pages;
	si->shared_info = b->domain.shared_info_mfn << PAGE_SHIFT;
	si->flags = SIF_VIRT_P2M_4TOOLS;
	si->store_mfn = b->result.store_mfn;
	si->store_evtchn = b->result.store_port;
	si->console.domU.mfn = b->result.console_mfn;
	si->console.domU.evtchn = b->result.console_port;
	si->pt_base = l->tables;
	si->nr_pt_frames = l->nr_tables;
	si->mfn_list = l->p2m;
	si->first_p2m_pfn = l->p2m_apart ? l->apart_pfn : 0;
	si->nr_p2m_frames = l->p2m_frames;
	if (b->ramdisk.bytes) {
		si->mod_start = l->ramdisk_apart ? l->ramdisk_pfn : l->ramdisk;
		si->mod_len = b->ramdisk.bytes;
		if (l->ramdisk_apart)
			si->flags |= SIF_MOD_START_PFN;
	}
	if (b->request->cmdline)
		strcpy((char *)si->cmd_line, b->request->cmdline);
}

static void fill_p2m(const struct builder *b)
{
	const struct layout *l = &b->layout;
	uint64_t bytes = l->nr_pages * sizeof(uint64_t);
	char *to = memory_at(&b->memory, l->p2m_apart ? l->apart_pfn : layout_pfn(l, l->p2m));

	memcpy(to, b->memory.p2m, bytes);
	memset(to + bytes, 0, -bytes & (PAGE_SIZE - 1));
}

/* Upcalls are masked at the start, for each VCPU that has its place there. */
static void fill_shared_info(const struct builder *b)
{
	struct shared_info *s = memory_last(&b->memory);

	for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		s->vcpu_info[i].evtchn_upcall_mask = 1;
}

/* The empty domain and its limits. */
static int create(struct builder *b, struct error *e)
{
	const struct build_request *r = b->request;
	struct control_create how = { .vcpus = r->vcpus };
	uint64_t max_kib = r->max_kib ?: r->memory_kib;
	unsigned int domid;

	memcpy(how.uuid, r->uuid, sizeof(how.uuid));
	if (control_create(b->control, &how, &domid, e))
		return -1;
	b->result.domid = domid;
	b->memory.domid = domid;
	for (unsigned int i = 0; r->cpus && i < r->vcpus; i++) {
		struct cpu_map cpus = *r->cpus;

		if (control_set_affinity(b->control, domid, i, &cpus, e))
			return error_prefix(e, "cpus");
	}
	if (control_max_mem(b->control, domid, max_kib, e) ||
	    start_memory_map(b->control, domid, max_kib << 10, e) ||
	    control_alloc_port(b->control, domid, &b->result.store_port, e) ||
	    control_alloc_port(b->control, domid, &b->result.console_port, e))
		return -1;
	return control_domain(b->control, domid, &b->domain, e);
}

/* Everything in the domain's memory; returns the frame of the level 4 table. */
static int fill(struct builder *b, xen_pfn_t *l4, struct error *e)
{
	const struct layout *l = &b->layout;
	struct memory *m = &b->memory;

	if (memory_map(m, layout_pfn(l, l->image), layout_pfn(l, l->stack), l->apart_pfn,
		       l->apart_end, b->domain.shared_info_mfn, e))
		return -1;
	b->result.times.memory_ns += lap(b);
	b->result.store_mfn = m->p2m[layout_pfn(l, l->store)];
	b->result.console_mfn = m->p2m[layout_pfn(l, l->console)];
	if (load_kernel(b, e) || load_ramdisk(b, e))
		return -1;
	fill_p2m(b);
	fill_start_info(b);
	fill_shared_info(b);
	*l4 = m->p2m[tables_build(l, m)];
	memory_unmap(m);
	b->result.times.fill_ns = lap(b);
	return 0;
}

static int start(struct builder *b, xen_pfn_t l4, struct error *e)
{
	const struct layout *l = &b->layout;
	unsigned int domid = b->result.domid;

	if (b->kernel.hypercall_page != UINT64_MAX &&
	    start_hypercall_page(b->control, domid,
				 b->memory.p2m[layout_pfn(l, b->kernel.hypercall_page)], e))
		return -1;
	if (start_grants(b->control, domid, b->result.console_mfn, b->result.store_mfn, e) ||
	    start_pin(b->control, domid, l4, e) ||
	    start_vcpu(b->control, domid, l, b->kernel.entry, l4, e))
		return -1;
	b->result.times.start_ns = lap(b);
	return 0;
}

static int build(struct builder *b, struct error *e)
{
	const struct build_request *r = b->request;
	struct build_times *t = &b->result.times;
	xen_pfn_t l4;

	if (check_free(b->control, r, e) || open_ramdisk(&b->ramdisk, r->ramdisk, e) ||
	    kernel_open(&b->kernel, r->kernel, r->cache, e))
		return -1;
	if (layout_plan(&b->layout, &b->kernel, b->ramdisk.bytes, r->memory_kib >> 2, e))
		return error_prefix(e, "kernel '%s'", r->kernel);
	t->image_ns = lap(b);
	if (create(b, e))
		return -1;
	t->create_ns = lap(b);
	if (memory_populate(&b->memory, e))
		return -1;
	t->memory_ns = lap(b);
	if (fill(b, &l4, e))
		return -1;
	return start(b, l4, e);
}

int build_domain(struct control *c, const struct build_request *r, struct build_result *out,
		 struct error *e)
{
	struct builder b = {
		.control = c,
		.request = r,
		.kernel.fd = -1,
		.ramdisk.fd = -1,
		.memory = { .control = c, .nr_pages = r->memory_kib >> 2 },
	};
	int rc = check(r, e);

	if (rc)
		return rc;
	b.started = b.mark = now();
	rc = build(&b, e);
	memory_close(&b.memory);
	kernel_close(&b.kernel);
	if (b.ramdisk.fd >= 0)
		close(b.ramdisk.fd);
	if (rc && b.result.domid)
		control_destroy(c, b.result.domid, NULL);
	b.result.times.total_ns = now() - b.started;
	*out = b.result;
	return rc;
}

int build_unpack(const char *kernel, const char *cache, bool *unpacked, struct error *e)
{
	struct kernel k;
	int rc = kernel_open(&k, kernel, cache, e);

	*unpacked = rc == 0 && k.unpacked;
	kernel_close(&k);
	return rc;
}
