/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What makes a domain of memory: grants, checked page tables, a VCPU that stands at
 * its entry point with the registers that the ABI gives it (xen/xen.h).
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <xen/grant_table.h>
#include <xen/memory.h>

#include "build/start.h"

#define RFLAGS_IF 0x200
#define RFLAGS_ALWAYS 0x002 /* a bit that always is set */
#define DR6_RESET 0xffff0ff0ul
#define DR7_RESET 0x400ul

/* Entries of a memory map are packed. */
struct e820_entry {
	uint64_t start, bytes;
	uint32_t type;
} __attribute__((packed));
#define E820_RAM 1

int start_grants(struct control *c, unsigned int domid, xen_pfn_t console, xen_pfn_t store,
		 struct error *e)
{
	xenforeignmemory_resource_handle *mapping;
	struct grant_entry_v1 *table = NULL;
	void *p = NULL;

	mapping = xenforeignmemory_map_resource(c->memory, domid, XENMEM_resource_grant_table,
						XENMEM_resource_grant_table_id_shared, 0, 1, &p,
						PROT_READ | PROT_WRITE, 0);
	if (!mapping)
		return error_errno(e, "mapping the domain's grant table");
	table = p;
	table[GNTTAB_RESERVED_CONSOLE] =
		(struct grant_entry_v1){ .flags = GTF_permit_access, .domid = 0, .frame = console };
	table[GNTTAB_RESERVED_XENSTORE] =
		(struct grant_entry_v1){ .flags = GTF_permit_access, .domid = 0, .frame = store };
	xenforeignmemory_unmap_resource(c->memory, mapping);
	return 0;
}

int start_hypercall_page(struct control *c, unsigned int domid, xen_pfn_t frame, struct error *e)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_hypercall_init, .domain = domid };

	op.u.hypercall_init.gmfn = frame;
	return control_domctl(c, &op, "filling the hypercall page", e);
}

int start_pin(struct control *c, unsigned int domid, xen_pfn_t l4, struct error *e)
{
	struct mmuext_op *op = control_buffer(c, sizeof(*op), e);
	int rc;

	if (!op)
		return -1;
	op->cmd = MMUEXT_PIN_L4_TABLE;
	op->arg1.mfn = l4;
	rc = xencall4(c->call, __HYPERVISOR_mmuext_op, (uintptr_t)op, 1, 0, domid);
	if (rc < 0)
		error_errno(e, "the domain's page tables are refused");
	control_buffer_free(c, op);
	return rc;
}

int start_vcpu(struct control *c, unsigned int domid, const struct layout *l, uint64_t entry,
	       xen_pfn_t l4, struct error *e)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_setvcpucontext, .domain = domid };
	struct vcpu_guest_context *v = control_buffer(c, sizeof(*v), e);
	int rc;

	if (!v)
		return -1;
	v->flags = VGCF_in_kernel | VGCF_online;
	v->user_regs.rip = entry;
	v->user_regs.rsi = l->start_info;
	v->user_regs.rsp = l->stack + PAGE_SIZE;
	v->user_regs.rflags = RFLAGS_IF | RFLAGS_ALWAYS;
	v->user_regs.cs = FLAT_KERNEL_CS;
	v->user_regs.ss = FLAT_KERNEL_SS;
	v->user_regs.ds = v->user_regs.es = FLAT_KERNEL_DS;
	v->user_regs.fs = v->user_regs.gs = FLAT_KERNEL_DS;
	v->kernel_ss = v->user_regs.ss;
	v->kernel_sp = v->user_regs.rsp;
	v->ctrlreg[3] = xen_pfn_to_cr3(l4);
	v->debugreg[6] = DR6_RESET;
	v->debugreg[7] = DR7_RESET;
	op.u.vcpucontext.vcpu = 0;
	set_xen_guest_handle(op.u.vcpucontext.ctxt, v);
	rc = control_domctl(c, &op, "setting the domain's first VCPU", e);
	control_buffer_free(c, v);
	return rc;
}

int start_memory_map(struct control *c, unsigned int domid, uint64_t bytes, struct error *e)
{
	struct xen_foreign_memory_map map = { .domid = domid, .map.nr_entries = 1 };
	struct e820_entry *entry = control_buffer(c, sizeof(*entry), e);
	int rc;

	if (!entry)
		return -1;
	*entry = (struct e820_entry){ .start = 0, .bytes = bytes, .type = E820_RAM };
	set_xen_guest_handle(map.map.buffer, entry);
	rc = control_memory_op(c, XENMEM_set_memory_map, &map, sizeof(map),
			       "setting the domain's memory map", e);
	control_buffer_free(c, entry);
	return rc;
}
