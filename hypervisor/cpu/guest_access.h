/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest memory, through the guest's own addresses: the page tables that are
 * loaded are the guest's. A fault on the way is caught by the exception table. A
 * guest may name any address but ours.
 *
 * Copies of a few words, the operands of hypercalls and the frames of
 * exceptions, are unrolled here; all others go through usercopy() in entry.S.
 */
#ifndef CPU_GUEST_ACCESS_H
#define CPU_GUEST_ACCESS_H

#include <xen/errno.h>

#include "cpu/layout.h"
#include "lib/types.h"

/* Bytes not copied: 0 when all went well. The caller checks the range. */
size_t usercopy(void *to, const void *from, size_t bytes);

/*
 * Let ourselves at user pages, and no more. No-ops that usercopy_enable_smap()
 * turns into stac and clac.
 */
#define SMAP_SITE(code)                                \
	__asm__ volatile("66: nopl (%%rax)\n\t"        \
			 ".pushsection smap_sites, \"a\"\n\t" \
			 ".quad 66b, " code "\n\t"     \
			 ".popsection"                 \
			 :                             \
			 :                             \
			 : "memory")
#define guest_access_begin() SMAP_SITE("0xcb010f")
#define guest_access_end() SMAP_SITE("0xca010f")

/* One access between begin and end; goes to label when it faults. */
#define guest_load(value, ptr, label)                          \
	asm volatile goto("67: mov %1, %0\n\t"                          \
		 ".pushsection ex_table, \"a\"\n\t"            \
		 ".quad 67b, %l[" #label "]\n\t"               \
		 ".popsection"                                 \
		 : "=r"(value)                                 \
		 : "m"(*(ptr))                                 \
		 :                                             \
		 : label)
#define guest_store(value, ptr, label)                         \
	asm volatile goto("67: mov %0, %1\n\t"                          \
		 ".pushsection ex_table, \"a\"\n\t"            \
		 ".quad 67b, %l[" #label "]\n\t"               \
		 ".popsection"                                 \
		 :                                             \
		 : "r"(value), "m"(*(ptr))                     \
		 : "memory"                                    \
		 : label)

/*
 * Above the hypervisor's slots, or in the lower half; in between is ours or
 * nobody's. A range that wraps around only reaches the guest's lower half, or its
 * end faults. bytes is below 2^32.
 */
static inline bool guest_range(const void *p, size_t bytes)
{
	u64 va = (u64)p;

	return va >= HYPERVISOR_END || va + bytes <= 0x0000800000000000;
}

#define GUEST_UNROLL 72

static inline __must_check int copy_from_guest(void *to, const void *from,
					       size_t bytes)
{
	if (unlikely(!guest_range(from, bytes)))
		return -XEN_EFAULT;
	if (__builtin_constant_p(bytes) && bytes % 8 == 0 &&
	    bytes <= GUEST_UNROLL) {
		const u64 *src = from;
		u64 *dst = to;

		guest_access_begin();
#pragma GCC unroll 9
		for (size_t i = 0; i < bytes / 8; i++) {
			u64 word;

			guest_load(word, &src[i], fault);
			dst[i] = word;
		}
		guest_access_end();
		return 0;
	}
	if (__builtin_constant_p(bytes) && bytes == 4) {
		u32 word;

		guest_access_begin();
		guest_load(word, (const u32 *)from, fault);
		guest_access_end();
		*(u32 *)to = word;
		return 0;
	}
	return likely(usercopy(to, from, bytes) == 0) ? 0 : -XEN_EFAULT;
fault:
	guest_access_end();
	return -XEN_EFAULT;
}

static inline __must_check int copy_to_guest(void *to, const void *from,
					     size_t bytes)
{
	if (unlikely(!guest_range(to, bytes)))
		return -XEN_EFAULT;
	if (__builtin_constant_p(bytes) && bytes % 8 == 0 &&
	    bytes <= GUEST_UNROLL) {
		const u64 *src = from;
		u64 *dst = to;

		guest_access_begin();
#pragma GCC unroll 9
		for (size_t i = 0; i < bytes / 8; i++)
			guest_store(src[i], &dst[i], fault);
		guest_access_end();
		return 0;
	}
	if (__builtin_constant_p(bytes) && bytes == 4) {
		guest_access_begin();
		guest_store(*(const u32 *)from, (u32 *)to, fault);
		guest_access_end();
		return 0;
	}
	return likely(usercopy(to, from, bytes) == 0) ? 0 : -XEN_EFAULT;
fault:
	guest_access_end();
	return -XEN_EFAULT;
}

#endif
