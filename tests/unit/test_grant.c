/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grants between two domains, which the test guests, being alone, cannot try:
 * what one grants and another maps, copies or is given; and that all counts are
 * exact and all frames come back whatever the two do, dying included. That the
 * answers are Xen's is what the test guests show.
 */
#include "test.h"

#include <string.h>

#include <xen/errno.h>
#include <xen/grant_table.h>

#include "grant/grant.h"
#include "mm/alloc.h"
#include "mm/audit.h"
#include "mm/frame.h"
#include "mm/pagetable.h"
#include "sim/heap.h"
#include "sim/reach.h"
#include "sim/sim.h"

#define TABLE_BITS (PTE_PRESENT | PTE_RW | PTE_USER)
/* Address 0 is no address. */
#define VA(n) ((u64)((n) + 1) << PAGE_SHIFT)

/* Domain 1 grants, domain 2 uses; domain 3 passes on. */
static struct domain *d0, *d1, *d2, *d3;
static void *arg[4];			      /* a page of each domain's, for operands */
static pte_t *l1;			      /* maps VA(n) by entry n + 1, in domain 2 */
static volatile struct grant_entry_v1 *table; /* domain 1's */
static char *page;			      /* of domain 1's */

static void become(struct domain *d)
{
	sim_become(d->vcpu[0]);
}

/* count structures of a size, from and to the current domain's memory. */
static long op(unsigned int cmd, void *ops, size_t size, unsigned int count)
{
	void *at = arg[current->domain->id];
	long rc;

	memcpy(at, ops, size * count);
	rc = sim_hypercall(__HYPERVISOR_grant_table_op, cmd, (u64)at, count, 0, 0);
	memcpy(ops, at, size * count);
	return rc;
}

#define OP(cmd, x) op(GNTTABOP_##cmd, &(x), sizeof(x), 1)

/* The current domain's table, of so many frames: where the first is. */
static void *setup_table(unsigned int frames)
{
	u64 *list = (u64 *)((char *)arg[current->domain->id] + 2048);
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = frames, .status = 77 };

	s.frame_list.p = list;
	assert_int_equal(OP(setup_table, s), 0);
	assert_int_equal(s.status, GNTST_okay);
	return map_frame(list[0]);
}

static long mmuext(unsigned int cmd, const void *table_page)
{
	struct mmuext_op m = { .cmd = cmd, .arg1.mfn = virt_to_mfn(table_page) };

	memcpy(arg[current->domain->id], &m, sizeof(m));
	return sim_hypercall(__HYPERVISOR_mmuext_op, (u64)arg[current->domain->id], 1, 0,
			     DOMID_SELF, 0);
}

static void load_tables(struct domain *d)
{
	pte_t *l4 = sim_guest_page(d), *l3 = sim_guest_page(d), *l2 = sim_guest_page(d);

	l1 = sim_guest_page(d);
	l4[0] = pte_make(virt_to_mfn(l3), TABLE_BITS);
	l3[0] = pte_make(virt_to_mfn(l2), TABLE_BITS);
	/* The same twice: what VA(n) maps is 2 MiB further on, too. */
	l2[0] = l2[1] = pte_make(virt_to_mfn(l1), TABLE_BITS);
	assert_int_equal(mmuext(MMUEXT_PIN_L4_TABLE, l4), 0);
	assert_int_equal(mmuext(MMUEXT_NEW_BASEPTR, l4), 0);
}

static int setup(void **state)
{
	sim_init(8 << 20);
	sim_reach_reset();
	d0 = sim_domain(0, 1, false);
	d1 = sim_domain(1, 1, false);
	d2 = sim_domain(2, 1, false);
	d3 = sim_domain(3, 1, false);
	for (unsigned int i = 0; i < 4; i++)
		arg[i] = sim_guest_page(domain_by_id(i));
	become(d2);
	load_tables(d2);
	become(d1);
	table = setup_table(1);
	page = sim_guest_page(d1);
	/* Domain 2 may see it: that is what is granted. */
	sim_reach_allow(virt_to_mfn(page));
	return 0;
}

static void check(void)
{
	assert_int_equal(audit(), 0);
	sim_check_reach();
}

static int teardown(void **state)
{
	check();
	become(d0);
	/* As the real thing does, before memory is given back. */
	for (unsigned int i = 0; i < 4; i++) {
		struct domain *d = domain_by_id(i);

		if (d) {
			d->is_dying = true;
			while (grant_domain_kill(d))
				;
		}
	}
	sim_exit();
	return 0;
}

static void grant(unsigned int ref, u16 flags, u16 domid, const void *what)
{
	table[ref].domid = domid;
	table[ref].frame = virt_to_mfn(what);
	table[ref].flags = flags;
}

static struct gnttab_map_grant_ref map_op;

static int map(u64 va, u32 flags, u32 ref, u16 dom)
{
	map_op = (struct gnttab_map_grant_ref){
		.host_addr = va, .flags = flags, .ref = ref, .dom = dom, .status = 77
	};
	assert_int_equal(OP(map_grant_ref, map_op), 0);
	return map_op.status;
}

static int unmap_both(u64 va, u64 dev, u32 handle)
{
	struct gnttab_unmap_grant_ref u = {
		.host_addr = va, .dev_bus_addr = dev, .handle = handle, .status = 77
	};

	assert_int_equal(OP(unmap_grant_ref, u), 0);
	return u.status;
}

static int unmap(u64 va, u32 handle)
{
	return unmap_both(va, 0, handle);
}

static struct frame *frame_of(const void *p)
{
	return mfn_to_frame(virt_to_mfn(p));
}

static u64 refs(const void *p)
{
	return frame_of(p)->ref & FRAME_REF_MASK;
}

static u64 uses(const void *p)
{
	return frame_of(p)->type & FRAME_TYPE_COUNT;
}

static long set_entry(unsigned int n, pte_t value)
{
	struct mmu_update u = { (virt_to_mfn(l1) << PAGE_SHIFT) + (n + 1) * sizeof(pte_t), value };

	memcpy(arg[2], &u, sizeof(u));
	return sim_hypercall(__HYPERVISOR_mmu_update, (u64)arg[2], 1, 0, DOMID_SELF, 0);
}

static void test_map(void **state)
{
	unsigned int flushes;
	u32 handle;

	grant(8, GTF_permit_access, 2, page);
	/* Not for everybody. */
	become(d3);
	assert_int_equal(map(VA(1), GNTMAP_host_map, 8, 1), GNTST_general_error);
	become(d2);
	/* Nor without a grant. */
	assert_int_equal(set_entry(1, pte_make(virt_to_mfn(page), TABLE_BITS)), -XEN_EBUSY);
	assert_int_equal(map(VA(1), GNTMAP_host_map, 8, 1), GNTST_okay);
	handle = map_op.handle;
	assert_int_equal(pte_mfn(l1[2]), virt_to_mfn(page));
	assert_true(l1[2] & PTE_RW);
	assert_int_equal(table[8].flags, GTF_permit_access | GTF_reading | GTF_writing);
	/* The owner's, the entry's, the handle's. */
	assert_int_equal(refs(page), 3);
	assert_int_equal(uses(page), 2);
	check();
	/* Its owner cannot make a table of it now. */
	become(d1);
	assert_int_equal(mmuext(MMUEXT_PIN_L1_TABLE, page), -XEN_EINVAL);
	/* A foreign handle means nothing. */
	assert_int_equal(unmap(VA(1), handle), GNTST_bad_handle);
	become(d2);
	flushes = sim_count.flushes;
	assert_int_equal(unmap(VA(1), handle), GNTST_okay);
	assert_true(sim_count.flushes > flushes);
	assert_int_equal(l1[2], 0);
	assert_int_equal(table[8].flags, GTF_permit_access);
	assert_int_equal(refs(page), 1);
	assert_int_equal(uses(page), 0);
	check();
	become(d1);
	assert_int_equal(mmuext(MMUEXT_PIN_L1_TABLE, page), 0);
	assert_int_equal(mmuext(MMUEXT_UNPIN_TABLE, page), 0);
}

static void test_readonly(void **state)
{
	u32 handle;

	grant(8, GTF_permit_access | GTF_readonly, 2, page);
	become(d2);
	assert_int_equal(map(VA(1), GNTMAP_host_map, 8, 1), GNTST_general_error);
	assert_int_equal(table[8].flags, GTF_permit_access | GTF_readonly);
	assert_int_equal(map(VA(1), GNTMAP_host_map | GNTMAP_readonly, 8, 1), GNTST_okay);
	handle = map_op.handle;
	assert_false(l1[2] & PTE_RW);
	/* Nor can it help itself. */
	assert_int_equal(set_entry(1, l1[2] | PTE_RW), -XEN_EBUSY);
	assert_int_equal(uses(page), 0);
	/* The owner can make a table of a page that others only read. */
	become(d1);
	assert_int_equal(mmuext(MMUEXT_PIN_L1_TABLE, page), 0);
	check();
	assert_int_equal(mmuext(MMUEXT_UNPIN_TABLE, page), 0);
	become(d2);
	/* At the other address that the same entry has. */
	assert_int_equal(unmap(VA(1) + (1ull << L2_SHIFT), handle), GNTST_okay);
	assert_int_equal(table[8].flags, GTF_permit_access | GTF_readonly);
}

/* Two mappings of one grant: neither handle ends the other's entry. */
static void test_two_mappings(void **state)
{
	u32 rw, ro;

	grant(8, GTF_permit_access, 2, page);
	become(d2);
	assert_int_equal(map(VA(1), GNTMAP_host_map, 8, 1), GNTST_okay);
	rw = map_op.handle;
	assert_int_equal(map(VA(2), GNTMAP_host_map | GNTMAP_readonly, 8, 1), GNTST_okay);
	ro = map_op.handle;
	assert_int_equal(unmap(VA(2), rw), GNTST_general_error);
	assert_int_equal(unmap(VA(1), ro), GNTST_general_error);
	assert_int_equal(unmap(VA(1), rw), GNTST_okay);
	assert_int_equal(table[8].flags, GTF_permit_access | GTF_reading);
	assert_int_equal(uses(page), 0);
	check();
	assert_int_equal(unmap(VA(2), ro), GNTST_okay);
	assert_int_equal(table[8].flags, GTF_permit_access);
}

/* What the guest does to the entry itself: the handle keeps the grant in use. */
static void test_overwritten(void **state)
{
	u32 first, second;

	grant(8, GTF_permit_access, 2, page);
	become(d2);
	assert_int_equal(map(VA(1), GNTMAP_host_map, 8, 1), GNTST_okay);
	first = map_op.handle;
	assert_int_equal(set_entry(1, 0), 0);
	assert_int_equal(refs(page), 2);
	assert_int_equal(uses(page), 1);
	check();
	assert_int_equal(unmap(VA(1), first), GNTST_general_error);
	become(d1);
	assert_int_equal(mmuext(MMUEXT_PIN_L1_TABLE, page), -XEN_EINVAL);
	become(d2);
	/* Another mapping over it, and over one of its own. */
	assert_int_equal(map(VA(1), GNTMAP_host_map, 8, 1), GNTST_okay);
	second = map_op.handle;
	assert_int_equal(map(VA(1), GNTMAP_host_map, 8, 1), GNTST_okay);
	assert_int_equal(refs(page), 5);
	check();
	/* Handles of the same frame are as good as each other for what maps it. */
	assert_int_equal(unmap(VA(1), first), GNTST_okay);
	assert_int_equal(unmap(VA(1), second), GNTST_general_error);
	assert_int_equal(table[8].flags, GTF_permit_access | GTF_reading | GTF_writing);
	check();
	/* The rest goes with the domain. */
}

/* A table that holds grants goes away, and is used again. */
static void test_table_undone(void **state)
{
	pte_t *other, copy;
	u64 entry;
	u32 handle;

	grant(8, GTF_permit_access, 2, page);
	become(d2);
	other = sim_guest_page(d2);
	entry = (virt_to_mfn(other) << PAGE_SHIFT) + 5 * sizeof(pte_t);
	assert_int_equal(map(entry, GNTMAP_host_map | GNTMAP_contains_pte, 8, 1),
			 GNTST_general_error);
	assert_int_equal(mmuext(MMUEXT_PIN_L1_TABLE, other), 0);
	assert_int_equal(map(entry, GNTMAP_host_map | GNTMAP_contains_pte, 8, 1), GNTST_okay);
	handle = map_op.handle;
	assert_int_equal(map(entry + 4, GNTMAP_host_map | GNTMAP_contains_pte, 8, 1),
			 GNTST_general_error);
	assert_int_equal(mmuext(MMUEXT_UNPIN_TABLE, other), 0);
	assert_int_equal(refs(page), 2);
	check();
	/* What is left in the page is no way to map the frame again. */
	copy = other[5];
	assert_int_equal(pte_mfn(copy), virt_to_mfn(page));
	assert_int_equal(mmuext(MMUEXT_PIN_L1_TABLE, other), -XEN_EBUSY);
	assert_int_equal(unmap(entry, handle), GNTST_general_error);
	other[5] = 0;
	assert_int_equal(mmuext(MMUEXT_PIN_L1_TABLE, other), 0);
	assert_int_equal(unmap(entry, handle), GNTST_general_error);
	check();
}

static void test_device_map(void **state)
{
	u64 dev = virt_to_mfn(page) << PAGE_SHIFT;

	grant(8, GTF_permit_access, 2, page);
	become(d2);
	assert_int_equal(map(VA(1), GNTMAP_host_map | GNTMAP_device_map, 8, 1), GNTST_okay);
	assert_int_equal(map_op.dev_bus_addr, dev);
	assert_int_equal(refs(page), 4);
	check();
	assert_int_equal(unmap(VA(1), map_op.handle), GNTST_okay);
	assert_int_equal(refs(page), 2);
	assert_int_equal(uses(page), 1);
	check();
	assert_int_equal(unmap_both(0, dev + PAGE_SIZE, map_op.handle), GNTST_bad_dev_addr);
	assert_int_equal(unmap_both(0, dev, map_op.handle), GNTST_okay);
	assert_int_equal(unmap_both(0, dev, map_op.handle), GNTST_bad_handle);
	assert_int_equal(table[8].flags, GTF_permit_access);
}

static void test_replace(void **state)
{
	struct gnttab_unmap_and_replace r = { .host_addr = VA(1), .new_addr = VA(2), .status = 77 };
	char *own;

	grant(8, GTF_permit_access, 2, page);
	become(d2);
	own = sim_guest_page(d2);
	assert_int_equal(set_entry(2, pte_make(virt_to_mfn(own), TABLE_BITS)), 0);
	assert_int_equal(map(VA(1), GNTMAP_host_map, 8, 1), GNTST_okay);
	r.handle = map_op.handle;
	/* Onto itself; from nowhere. */
	r.new_addr = VA(1);
	assert_int_equal(OP(unmap_and_replace, r), 0);
	assert_int_equal(r.status, GNTST_general_error);
	r.new_addr = 1ull << 40;
	assert_int_equal(OP(unmap_and_replace, r), 0);
	assert_int_equal(r.status, GNTST_general_error);
	check();
	r.new_addr = VA(2);
	assert_int_equal(OP(unmap_and_replace, r), 0);
	assert_int_equal(r.status, GNTST_okay);
	assert_int_equal(pte_mfn(l1[2]), virt_to_mfn(own));
	assert_int_equal(l1[3], 0);
	assert_int_equal(refs(page), 1);
	assert_int_equal(refs(own), 2);
}

/* More handles than fit a page of them; each is good for one unmap. */
static void test_many(void **state)
{
	static u32 handle[400];

	become(d2);
	for (unsigned int i = 0; i < 400; i++) {
		grant(8 + i, GTF_permit_access, 2, page);
		assert_int_equal(map(VA(i), GNTMAP_host_map, 8 + i, 1), GNTST_okay);
		handle[i] = map_op.handle;
	}
	check();
	assert_int_equal(unmap(VA(0), 512), GNTST_bad_handle);
	for (unsigned int i = 0; i < 400; i += 2)
		assert_int_equal(unmap(VA(i), handle[i]), GNTST_okay);
	check();
	for (unsigned int i = 0; i < 400; i++)
		assert_int_equal(unmap(VA(i), handle[i]), i % 2 ? GNTST_okay : GNTST_bad_handle);
	assert_int_equal(refs(page), 1);
	/* The same grant, as often as there are counts for. */
	for (unsigned int i = 0; i < 128; i++)
		assert_int_equal(map(VA(i), GNTMAP_host_map, 8, 1), GNTST_okay);
	assert_int_equal(map(VA(200), GNTMAP_host_map, 8, 1), GNTST_general_error);
	assert_int_equal(map(VA(200), GNTMAP_host_map | GNTMAP_readonly, 8, 1),
			 GNTST_general_error);
}

/* A long array, stopped at every chance. */
static void test_preempted(void **state)
{
	static struct gnttab_map_grant_ref m[60];
	static struct gnttab_unmap_grant_ref u[100];

	become(d2);
	sim_preempt_every = 1;
	for (unsigned int i = 0; i < 60; i++) {
		grant(8 + i, GTF_permit_access, 2, page);
		m[i] = (struct gnttab_map_grant_ref){
			.host_addr = VA(i), .flags = GNTMAP_host_map, .ref = 8 + i, .dom = 1
		};
	}
	assert_int_equal(op(GNTTABOP_map_grant_ref, m, sizeof(*m), 60), 0);
	for (unsigned int i = 0; i < 100; i++)
		u[i] = (struct gnttab_unmap_grant_ref){ .host_addr = VA(i % 60),
							.handle = m[i % 60].handle };
	assert_int_equal(refs(page), 121);
	assert_int_equal(op(GNTTABOP_unmap_grant_ref, u, sizeof(*u), 100), 0);
	sim_preempt_every = 0;
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(u[i].status, i < 60 ? GNTST_okay : GNTST_bad_handle);
	assert_int_equal(refs(page), 1);
}

static void test_limits(void **state)
{
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 3 };
	mfn_t mfn;

	assert_int_equal(grant_set_limits(d3, 0, 1, 2), -XEN_EINVAL);
	assert_int_equal(grant_set_limits(d3, 2, 1, 3), -XEN_EINVAL);
	assert_int_equal(grant_set_limits(d3, GRANT_MAX_FRAMES + 1, 1, 2), -XEN_EINVAL);
	assert_int_equal(grant_set_limits(d3, 2, GRANT_MAX_MAPTRACK_FRAMES + 1, 2), -XEN_EINVAL);
	assert_int_equal(grant_set_limits(d3, 2, 0, 1), 0);
	become(d3);
	assert_int_equal(OP(setup_table, s), 0);
	assert_int_equal(s.status, GNTST_general_error);
	assert_int_equal(grant_table_frame(d3, false, 1, &mfn), 0);
	assert_int_equal(grant_table_frame(d3, false, 2, &mfn), -XEN_EINVAL);
	assert_int_equal(grant_table_frame(d3, true, 0, &mfn), -XEN_EINVAL);
	grant(8, GTF_permit_access, 3, page);
	assert_int_equal(map(VA(0), GNTMAP_host_map, 8, 1), GNTST_no_device_space);
	assert_int_equal(table[8].flags, GTF_permit_access);
}

static void test_no_memory(void **state)
{
	struct gnttab_set_version v = { .version = 2 };
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 4 };
	u64 free = frames_free_count();

	grant(8, GTF_permit_access, 2, page);
	become(d2);
	sim_heap_fail_after = 1;
	assert_int_equal(map(VA(0), GNTMAP_host_map, 8, 1), GNTST_no_device_space);
	sim_heap_fail_after = 1;
	assert_int_equal(OP(setup_table, s), 0);
	assert_int_equal(s.status, GNTST_general_error);
	sim_heap_fail_after = 0;
	assert_int_equal(frames_free_count(), free);
	assert_int_equal(OP(set_version, v), 0);
	v.version = 1;
	assert_int_equal(OP(set_version, v), 0);
	assert_int_equal(frames_free_count(), free);
}

static struct gnttab_copy copy_op;

static int copy(u16 from_dom, u32 from_ref, void *to, u16 offset, u16 len)
{
	copy_op = (struct gnttab_copy){
		.source = { .u.ref = from_ref, .domid = from_dom, .offset = offset },
		.dest = { .u.gmfn = virt_to_mfn(to), .domid = DOMID_SELF },
		.len = len,
		.flags = GNTCOPY_source_gref,
		.status = 77,
	};
	assert_int_equal(OP(copy, copy_op), 0);
	return copy_op.status;
}

static void test_copy(void **state)
{
	char *to;

	strcpy(page, "granted");
	grant(8, GTF_permit_access | GTF_readonly, 2, page);
	become(d2);
	to = sim_guest_page(d2);
	assert_int_equal(copy(1, 8, to, 0, 8), GNTST_okay);
	assert_string_equal(to, "granted");
	assert_int_equal(copy(1, 9, to, 0, 8), GNTST_general_error);
	assert_int_equal(copy(0, 8, to, 0, 8), GNTST_general_error);
	assert_int_equal(copy(77, 8, to, 0, 8), GNTST_bad_domain);
	/* By frame only one's own. */
	copy_op.flags = 0;
	copy_op.source.domid = DOMID_SELF;
	copy_op.source.u.gmfn = virt_to_mfn(page);
	assert_int_equal(OP(copy, copy_op), 0);
	assert_int_equal(copy_op.status, GNTST_bad_page);
	/* And not onto a table. */
	assert_int_equal(copy(1, 8, l1, 0, 8), GNTST_general_error);
	assert_int_equal(table[8].flags, GTF_permit_access | GTF_readonly);
	assert_int_equal(refs(page), 1);
	assert_int_equal(refs(to), 1);
}

/* Version 2: parts of frames, and what domain 3 was granted passed on to 2. */
static void test_version_2(void **state)
{
	struct gnttab_set_version v = { .version = 2 };
	volatile union grant_entry_v2 *from, *over;
	char *to;

	strcpy(page + 100, "part");
	assert_int_equal(OP(set_version, v), 0);
	from = (void *)table;
	from[8].sub_page.page_off = 100;
	from[8].sub_page.length = 5;
	from[8].sub_page.frame = virt_to_mfn(page);
	from[8].hdr.domid = 3;
	from[8].hdr.flags = GTF_permit_access | GTF_sub_page | GTF_readonly;

	become(d3);
	assert_int_equal(OP(set_version, v), 0);
	over = setup_table(1);
	over[9].transitive.trans_domid = 1;
	over[9].transitive.gref = 8;
	over[9].hdr.domid = 2;
	over[9].hdr.flags = GTF_transitive | GTF_readonly;
	/* Domain 3's own use of it. */
	to = sim_guest_page(d3);
	assert_int_equal(copy(1, 8, to, 100, 5), GNTST_okay);
	assert_string_equal(to, "part");

	become(d2);
	to = sim_guest_page(d2);
	assert_int_equal(copy(1, 8, to, 100, 5), GNTST_general_error);
	assert_int_equal(copy(3, 9, to, 100, 5), GNTST_okay);
	assert_string_equal(to, "part");
	assert_int_equal(copy(3, 9, to, 99, 5), GNTST_general_error);
	assert_int_equal(copy(3, 9, to, 101, 5), GNTST_general_error);
	assert_int_equal(map(VA(1), GNTMAP_host_map | GNTMAP_readonly, 9, 3), GNTST_general_error);
	/* Once only, not to itself, not of a domain that is not. */
	from[8].transitive.trans_domid = 3;
	from[8].transitive.gref = 9;
	from[8].hdr.flags = GTF_transitive;
	assert_int_equal(copy(3, 9, to, 0, 5), GNTST_general_error);
	over[9].transitive.trans_domid = 3;
	assert_int_equal(copy(3, 9, to, 0, 5), GNTST_general_error);
	over[9].transitive.trans_domid = 77;
	assert_int_equal(copy(3, 9, to, 0, 5), GNTST_general_error);
	assert_int_equal(refs(page), 1);
	/* Nothing is left in use, or the version could not be changed. */
	become(d3);
	v.version = 1;
	assert_int_equal(OP(set_version, v), 0);
	become(d1);
	assert_int_equal(OP(set_version, v), 0);
}

static int transfer(const void *what, u16 domid, u32 ref)
{
	struct gnttab_transfer t = {
		.mfn = virt_to_mfn(what), .domid = domid, .ref = ref, .status = 77
	};

	assert_int_equal(OP(transfer, t), 0);
	return t.status;
}

static void test_transfer(void **state)
{
	u64 pages1 = d1->tot_pages, pages2 = d2->tot_pages, free = frames_free_count();
	char *gift, *more;

	table[8].domid = 2;
	table[8].frame = 0x123;
	table[8].flags = GTF_accept_transfer;
	become(d2);
	gift = sim_guest_page(d2);
	more = sim_guest_page(d2);
	strcpy(gift, "gift");
	/* Not while it is mapped, not somebody else's, not a table. */
	assert_int_equal(set_entry(1, pte_make(virt_to_mfn(gift), TABLE_BITS)), 0);
	assert_int_equal(transfer(gift, 1, 8), GNTST_bad_page);
	assert_int_equal(set_entry(1, 0), 0);
	assert_int_equal(transfer(page, 1, 8), GNTST_bad_page);
	assert_int_equal(transfer(l1, 1, 8), GNTST_bad_page);
	assert_int_equal(table[8].flags, GTF_accept_transfer);
	assert_int_equal(transfer(gift, 1, 8), GNTST_okay);
	assert_int_equal(table[8].flags,
			 GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed);
	assert_int_equal(table[8].frame, virt_to_mfn(gift));
	assert_int_equal(machine_to_phys[virt_to_mfn(gift)], 0x123);
	assert_string_equal(gift, "gift");
	assert_int_equal(d1->tot_pages, pages1 + 1);
	assert_int_equal(d2->tot_pages, pages2 + 1);
	check();
	/* Once only. What cannot be given is lost. */
	assert_int_equal(transfer(more, 1, 8), GNTST_general_error);
	assert_int_equal(d2->tot_pages, pages2);
	assert_int_equal(frames_free_count(), free - 1);
	/* No room there. */
	more = sim_guest_page(d2);
	d1->max_pages = d1->tot_pages;
	table[9].domid = 2;
	table[9].flags = GTF_accept_transfer;
	assert_int_equal(transfer(more, 1, 9), GNTST_general_error);
	assert_int_equal(table[9].flags, GTF_accept_transfer);
}

/* The granter dies first: what is mapped stays until it is unmapped. */
static void test_granter_dies(void **state)
{
	u32 handle;

	grant(8, GTF_permit_access, 2, page);
	become(d2);
	assert_int_equal(map(VA(1), GNTMAP_host_map, 8, 1), GNTST_okay);
	handle = map_op.handle;
	strcpy(page, "still here");
	become(d0);
	d1->is_dying = true;
	assert_int_equal(grant_domain_kill(d1), 0);
	sim_domain_destroy(d1);
	become(d2);
	assert_string_equal(page, "still here");
	assert_ptr_equal(domain_by_id(1), d1);
	assert_int_equal(unmap(VA(1), handle), GNTST_okay);
	assert_null(domain_by_id(1));
}

/* The mapper dies first: the grants are free again. */
static void test_mapper_dies(void **state)
{
	grant(8, GTF_permit_access, 2, page);
	become(d2);
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(map(VA(i), GNTMAP_host_map, 8, 1), GNTST_okay);
	/* Handles without entries, too. */
	assert_int_equal(set_entry(5, 0), 0);
	become(d0);
	d2->is_dying = true;
	sim_preempt_every = 1;
	while (grant_domain_kill(d2))
		;
	sim_preempt_every = 0;
	assert_int_equal(table[8].flags, GTF_permit_access);
	/* Entries are still there, and go with the tables. */
	assert_int_equal(refs(page), 100);
	check();
	sim_domain_destroy(d2);
	assert_int_equal(refs(page), 1);
	assert_int_equal(uses(page), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(map),	    TEST(readonly),   TEST(two_mappings), TEST(overwritten),
		TEST(table_undone), TEST(device_map), TEST(replace),	  TEST(many),
		TEST(preempted),    TEST(limits),     TEST(no_memory),	  TEST(copy),
		TEST(version_2),    TEST(transfer),   TEST(granter_dies), TEST(mapper_dies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
