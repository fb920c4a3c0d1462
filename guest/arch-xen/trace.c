// SPDX-License-Identifier: GPL-2.0
/* The trace points of <trace/events/xen.h>, which the hypercalls' header uses. */
#include <linux/kernel.h>
#include <xen/interface/xen.h>

/* What a call of a multicall is called in a trace. */
static const char *xen_hypercall_name(unsigned int op)
{
	switch (op) {
	case __HYPERVISOR_mmu_update:
		return "(mmu_update)";
	case __HYPERVISOR_stack_switch:
		return "(stack_switch)";
	case __HYPERVISOR_fpu_taskswitch:
		return "(fpu_taskswitch)";
	case __HYPERVISOR_update_descriptor:
		return "(update_descriptor)";
	case __HYPERVISOR_update_va_mapping:
		return "(update_va_mapping)";
	case __HYPERVISOR_mmuext_op:
		return "(mmuext_op)";
	}
	return "";
}

#define CREATE_TRACE_POINTS
#include <trace/events/xen.h>
