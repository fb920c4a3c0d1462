// SPDX-License-Identifier: GPL-2.0
/*
 * Debug registers: by hypercall, each reads as it was written. Linux loads them as it
 * switches to a task that has breakpoints and not otherwise.
 */
#include <linux/init.h>
#include <linux/instrumentation.h>
#include <asm/paravirt.h>

#include "cpu.h"

static noinstr unsigned long xen_get_debugreg(int reg)
{
	unsigned long value;

	instrumentation_begin();
	value = HYPERVISOR_get_debugreg(reg);
	instrumentation_end();
	return value;
}

static noinstr void xen_set_debugreg(int reg, unsigned long value)
{
	instrumentation_begin();
	HYPERVISOR_set_debugreg(reg, value);
	instrumentation_end();
}

void __init xen_debug_init_ops(void)
{
	pv_ops.cpu.get_debugreg = xen_get_debugreg;
	pv_ops.cpu.set_debugreg = xen_set_debugreg;
}
