/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debug registers. They are in the CPU while the VCPU that armed a breakpoint
 * runs, and all breakpoints are off otherwise. No breakpoint may be put on an
 * address of ours, and I/O breakpoints do not exist for guests.
 */
#include <xen/errno.h>

#include "cpu/asm.h"
#include "cpu/debugreg.h"
#include "cpu/layout.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"

#define DR7_ENABLE 0xfful /* L0..G3 */
#define DR7_GD (1ul << 13)
#define DR7_ONE (1ul << 10)	/* reads as one */
#define DR7_ZERO 0xd800ul	/* reserved: 11, 12, 14, 15 */
#define DR6_ONES 0xffff0ff0ul
#define DR7_RW(dr7, n) (((dr7) >> (16 + 4 * (n))) & 3)
#define DR7_LEN(dr7, n) (((dr7) >> (18 + 4 * (n))) & 3)
#define RW_EXECUTE 0
#define RW_IO 2

static void write_dr(int reg, u64 v)
{
	switch (reg) {
	case 0:
		__asm__ volatile("mov %0, %%dr0" : : "r"(v));
		break;
	case 1:
		__asm__ volatile("mov %0, %%dr1" : : "r"(v));
		break;
	case 2:
		__asm__ volatile("mov %0, %%dr2" : : "r"(v));
		break;
	case 3:
		__asm__ volatile("mov %0, %%dr3" : : "r"(v));
		break;
	case 6:
		__asm__ volatile("mov %0, %%dr6" : : "r"(v));
		break;
	case 7:
		__asm__ volatile("mov %0, %%dr7" : : "r"(v));
		break;
	}
}

static bool address_allowed(u64 va)
{
	return va < 0x0000800000000000 || va >= HYPERVISOR_END;
}

long debugreg_set(struct vcpu *v, int reg, u64 value)
{
	if (reg >= 4 && reg <= 7 && value >> 32)
		return -XEN_EINVAL;
	switch (reg) {
	case 0 ... 3:
		if (!address_allowed(value))
			return -XEN_EPERM;
		break;
	case 4:
	case 6:
		/* Only B0-B3, BD, BS, BT can be set. */
		reg = 6;
		value = (value & 0xe00f) | DR6_ONES;
		break;
	case 5:
	case 7:
		reg = 7;
		value = (value & 0xffffffff & ~DR7_ZERO) | DR7_ONE;
		if (value & DR7_GD)
			return -XEN_EPERM;
		for (int n = 0; n < 4; n++) {
			if (!(value >> (2 * n) & 3))
				continue;
			if (DR7_RW(value, n) == RW_IO ||
			    (DR7_RW(value, n) == RW_EXECUTE &&
			     DR7_LEN(value, n) != 0))
				return -XEN_EPERM;
		}
		break;
	default:
		return -XEN_ENODEV;
	}
	v->debugreg[reg] = value;
	if (v == current) {
		if (reg == 7)
			debugreg_load(v);
		else if (reg == 6 || (v->debugreg[7] & DR7_ENABLE))
			write_dr(reg, value);
	}
	return 0;
}

void debugreg_init(struct vcpu *v)
{
	v->debugreg[6] = DR6_ONES;
	v->debugreg[7] = DR7_ONE;
}

void debugreg_save(struct vcpu *v)
{
	if (v->debugreg[7] & DR7_ENABLE)
		write_dr(7, DR7_ONE);
}

void debugreg_load(struct vcpu *v)
{
	if (!(v->debugreg[7] & DR7_ENABLE)) {
		if (v == current)
			write_dr(7, DR7_ONE);
		return;
	}
	for (int reg = 0; reg < 4; reg++)
		write_dr(reg, v->debugreg[reg]);
	write_dr(6, v->debugreg[6]);
	write_dr(7, v->debugreg[7]);
}

long do_set_debugreg(int reg, u64 value)
{
	return debugreg_set(current, reg, value);
}

long do_get_debugreg(int reg)
{
	if (reg == 4 || reg == 5)
		reg += 2;
	if (reg < 0 || reg > 7)
		return -XEN_ENODEV;
	return current->debugreg[index_nospec(reg, 8)];
}
