/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types and small macros every file may use. Nothing here knows the
 * machine: the same header serves the hypervisor and the host build of its
 * core.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

/* Machine frame number: a physical address shifted right by PAGE_SHIFT. */
typedef u64 mfn_t;
/* Machine physical address, in bytes. */
typedef u64 paddr_t;
/* System time: nanoseconds since the hypervisor started its clock. */
typedef s64 stime_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE (1ul << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

#define INVALID_MFN (~0ull)

/* CPUs the hypervisor can run on; a CPU set is one word. */
#define NR_CPUS 64
typedef u64 cpumask_t;
#define cpumask_of(cpu) (1ull << (cpu))

#define NANOSECONDS(n) ((stime_t)(n))
#define MICROSECONDS(n) ((stime_t)(n) * 1000)
#define MILLISECONDS(n) ((stime_t)(n) * 1000000)
#define SECONDS(n) ((stime_t)(n) * 1000000000)
#define STIME_MAX INT64_MAX

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define min(a, b)                    \
	({                           \
		__auto_type _a = (a); \
		__auto_type _b = (b); \
		_a < _b ? _a : _b;   \
	})
#define max(a, b)                    \
	({                           \
		__auto_type _a = (a); \
		__auto_type _b = (b); \
		_a > _b ? _a : _b;   \
	})
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define ROUND_UP(n, align) (((n) + (align) - 1) & ~((__typeof__(n))(align) - 1))
#define ROUND_DOWN(n, align) ((n) & ~((__typeof__(n))(align) - 1))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define __packed __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __noreturn __attribute__((noreturn))
#define __noinline __attribute__((noinline))
#define __must_check __attribute__((warn_unused_result))
#define __section(s) __attribute__((section(s)))
#define __used __attribute__((used))

/* Read or write a word that somebody else may change, exactly once. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

/*
 * index if index < size, else 0, without a branch that a CPU could
 * mispredict: invariant 7 of the design. Use it after the comparison, on every
 * index that a guest controls. size must be a value below 2^63.
 */
static inline u64 index_nospec(u64 index, u64 size)
{
	u64 mask;

#if defined(__x86_64__)
	__asm__ volatile("cmp %1,%2; sbb %0,%0"
			 : "=r"(mask)
			 : "rm"(size), "r"(index)
			 : "cc");
#else
	mask = (u64)((s64)(index - size) >> 63);
#endif
	return index & mask;
}

#endif
