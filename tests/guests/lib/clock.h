/* System time, from the time info that the hypervisor shares. */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stdint.h>
#include <xen/xen.h>

#define MILLISECOND 1000000UL
#define SECOND 1000000000UL

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return lo | ((uint64_t)hi << 32);
}

/* Nanoseconds since the hypervisor started, as this VCPU sees it. */
uint64_t clock_now(void);
/* The same with the TSC value given: what time was it at that tick? */
uint64_t clock_at(const volatile struct vcpu_time_info *info, uint64_t tsc);

#endif
