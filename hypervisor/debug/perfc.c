/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Performance counters as people and tools see them: the keys p and P, and the
 * operation of sysctl that xenperf uses. A counter has a value for each CPU; of an
 * array the CPUs' values are added up.
 */
#ifdef CONFIG_PERFC

#include <xen/sysctl.h>

#include "console/keys.h"
#include "debug/perfc.h"
#include "lib/string.h"
#include "sched/sched.h"

u32 perfc_counts[NR_CPUS][NR_PERFC] __aligned(64);

static const struct {
	const char *text;
	u32 first;  /* in perfc_counts[] */
	u32 length; /* 0: not an array */
} counters[] = {
#define PERFC(name, text) { text, PERFC_##name, 0 },
#define PERFC_ARRAY(name, text, n) { text, PERFC_##name, n },
#include "debug/perfc_list.h"
#undef PERFC
#undef PERFC_ARRAY
};

/* CPUs are numbered without holes. */
static u32 cpus_counted(void)
{
	return 64 - __builtin_clzll(sched_cpus() | 1);
}

static u32 sum(u32 counter)
{
	u32 total = 0;

	for (u32 cpu = 0; cpu < NR_CPUS; cpu++)
		total += READ_ONCE(perfc_counts[cpu][counter]);
	return total;
}

/* CPUs that count meanwhile may lose or keep a few. */
static void reset(void)
{
	memset(perfc_counts, 0, sizeof(perfc_counts));
}

static u32 values_of(unsigned int i)
{
	return counters[i].length ? counters[i].length : cpus_counted();
}

static u32 value_of(unsigned int i, u32 n)
{
	if (counters[i].length)
		return sum(counters[i].first + n);
	return READ_ONCE(perfc_counts[n][counters[i].first]);
}

static long copy_counter(const struct xen_sysctl_perfc_op *op, unsigned int i, u32 at)
{
	struct xen_sysctl_perfc_desc desc = { .nr_vals = values_of(i) };

	memcpy(desc.name, counters[i].text, min(strlen(counters[i].text), sizeof(desc.name) - 1));
	if (op->desc.p && copy_to_guest(op->desc.p + i, &desc, sizeof(desc)))
		return -XEN_EFAULT;
	for (u32 n = 0; op->val.p && n < desc.nr_vals; n++) {
		u32 value = value_of(i, n);

		if (copy_to_guest(op->val.p + at + n, &value, sizeof(value)))
			return -XEN_EFAULT;
	}
	return 0;
}

/* What there was, whether it is reset afterwards or not. */
long perfc_control(struct xen_sysctl_perfc_op *op)
{
	u32 at = 0;

	if (op->cmd != XEN_SYSCTL_PERFCOP_reset && op->cmd != XEN_SYSCTL_PERFCOP_query)
		return -XEN_EINVAL;
	for (unsigned int i = 0; i < ARRAY_SIZE(counters); i++) {
		long rc = copy_counter(op, i, at);

		if (rc)
			return rc;
		at += values_of(i);
	}
	if (op->cmd == XEN_SYSCTL_PERFCOP_reset)
		reset();
	op->nr_counters = ARRAY_SIZE(counters);
	op->nr_vals = at;
	return 0;
}

static void key_print(unsigned char key)
{
	log_error("performance counters:");
	for (unsigned int i = 0; i < ARRAY_SIZE(counters); i++) {
		u32 total = 0;

		for (u32 n = 0; n < values_of(i); n++)
			total += value_of(i, n);
		log_error("  %10u  %s", total, counters[i].text);
		for (u32 n = 0; counters[i].length && n < counters[i].length; n++)
			if (value_of(i, n))
				log_error("              [%2u] %u", n, value_of(i, n));
	}
}

static void key_reset(unsigned char key)
{
	reset();
	log_error("performance counters are zero");
}

void perfc_init(void)
{
	key_register('p', key_print, "performance counters");
	key_register('P', key_reset, "set performance counters to zero");
}

#endif
