/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests do not call for the time. Each VCPU has a record of how to compute it
 * from the TSC of the CPU that it runs on, in its vcpu_info and, if it asked for
 * one, in a copy at a place of its own; and each domain has the time of day at
 * system time zero. They are written here, in the order that the version fields
 * demand (include/xen/xen.h).
 *
 * A record is good until the scale of clock.c changes or the VCPU moves to a CPU
 * whose TSC has an offset. So most of the time a VCPU that is put on a CPU finds
 * in its record what would be written there, and nothing is.
 *
 * XEN_PVCLOCK_TSC_STABLE_BIT is never set: when the scale changes, VCPUs learn
 * of it one after the other, and for a moment disagree by nanoseconds.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "domain/domain.h"
#include "machine.h"
#include "mm/paging.h"
#include "time/clock.h"
#include "time/timer.h"
#include "time/vtime.h"
#include "time/wallclock.h"

static struct timer refresh_timer[NR_CPUS];

static inline void barrier(void)
{
	__asm__ volatile("" : : : "memory");
}

/* True when there was something to write. */
static bool record_write(struct vcpu_time_info *info)
{
	struct clock_scale s;
	u32 version;

	clock_read_scale(&s);
	if (info->tsc_timestamp == s.tsc_timestamp &&
	    info->system_time == s.system_time &&
	    info->tsc_to_system_mul == s.mul && info->tsc_shift == s.shift)
		return false;

	/* The guest can write here too. It only harms itself. */
	version = (READ_ONCE(info->version) + 1) | 1;
	WRITE_ONCE(info->version, version);
	barrier();
	info->tsc_timestamp = s.tsc_timestamp;
	info->system_time = s.system_time;
	info->tsc_to_system_mul = s.mul;
	info->tsc_shift = s.shift;
	info->flags = 0;
	barrier();
	WRITE_ONCE(info->version, version + 1);
	return true;
}

/* A consistent reading of a record that its VCPU's CPU may be writing. */
static struct vcpu_time_info record_read(const struct vcpu_time_info *info)
{
	struct vcpu_time_info copy;
	unsigned int tries = 100;

	/* A guest can leave an odd version behind: do not wait for ever. */
	do {
		copy.version = READ_ONCE(info->version);
		barrier();
		copy = *info;
		barrier();
	} while (((copy.version & 1) ||
		  copy.version != READ_ONCE(info->version)) &&
		 --tries);
	return copy;
}

/*
 * The copy that the guest asked for is at an address of its kernel, and a VCPU
 * that runs user code has other page tables loaded. The current VCPU is v, or
 * another one of its domain that registers the copy for it; the lock keeps the
 * two apart.
 */
static int copy_write(struct vcpu *v)
{
	static struct spinlock lock = SPINLOCK_INIT;
	struct vcpu_time_info *copy = (void *)v->time_info_guest;
	struct vcpu_time_info info;
	u64 cr3 = 0;
	int rc;

	if (!current->kernel_mode) {
		cr3 = read_cr3();
		write_cr3(current->kernel_l4 << PAGE_SHIFT);
	}
	spin_lock(&lock);
	info = record_read(&v->info->time);
	info.version |= 1;
	rc = copy_to_guest(&copy->version, &info.version, sizeof(info.version));
	if (rc == 0)
		rc = copy_to_guest(copy, &info, sizeof(info));
	if (rc == 0) {
		info.version++;
		rc = copy_to_guest(&copy->version, &info.version,
				   sizeof(info.version));
	}
	spin_unlock(&lock);
	if (cr3)
		write_cr3(cr3);
	return rc;
}

void vtime_update(struct vcpu *v)
{
	if (record_write(&v->info->time) && v->time_info_guest &&
	    copy_write(v) != 0) {
		guest_log(LOG_WARNING, "its time info at %lx is gone\n",
			  v->time_info_guest);
		v->time_info_guest = 0;
	}
}

int vtime_register(struct vcpu *v, u64 address)
{
	int rc = 0;

	/* Another VCPU's record is written where that runs. */
	if (v == current)
		record_write(&v->info->time);
	v->time_info_guest = address;
	if (address)
		rc = copy_write(v);
	if (rc != 0)
		v->time_info_guest = 0;
	return rc ? -XEN_EFAULT : 0;
}

void vtime_update_wallclock(struct domain *d)
{
	/* Between CPUs that write the same page. */
	static struct spinlock lock = SPINLOCK_INIT;
	struct shared_info *shared = d->shared;
	u64 sec;
	u32 nsec, version;

	wallclock_read(&sec, &nsec);
	sec += d->time_offset;

	spin_lock(&lock);
	version = (READ_ONCE(shared->wc_version) + 1) | 1;
	WRITE_ONCE(shared->wc_version, version);
	barrier();
	shared->wc_sec = sec;
	shared->wc_sec_hi = sec >> 32;
	shared->wc_nsec = nsec;
	barrier();
	WRITE_ONCE(shared->wc_version, version + 1);
	spin_unlock(&lock);
}

static void refresh(void *unused)
{
	if (!current->is_idle)
		vtime_update(current);
}

void vtime_init(void)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		timer_init(&refresh_timer[cpu], refresh, NULL, cpu);
}

/*
 * VCPUs that do not run will see to it when they do. A CPU that is about to
 * leave idle may be overlooked; its VCPU hears of the next change.
 */
void vtime_scale_changed(void)
{
	for (unsigned int cpu = 0; cpu < cpu_count; cpu++) {
		if ((cpus_online & cpumask_of(cpu)) &&
		    !READ_ONCE(cpus[cpu]->idle_now))
			timer_set(&refresh_timer[cpu], now());
	}
}
