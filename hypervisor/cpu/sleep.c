/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine goes to sleep and wakes.
 *
 * Domain 0 says when, for it knows the devices and has put them to rest. All
 * domains are paused then, the caller's included, and the rest is done by the first
 * CPU when it idles: so what a VCPU has in a CPU is in memory by then, and is loaded
 * again as ever. The other CPUs stop. In S3 all but memory loses its power: firmware
 * sets the machine up and comes to the trampoline, as a CPU does that starts, and we
 * set up what is ours: this CPU as any that starts, interrupt controllers, clocks,
 * the serial line. Then the other CPUs start, and the domains go on. Devices are
 * domain 0's, their messages too: it asks for them by PHYSDEVOP_restore_msi.
 *
 * System time stands still meanwhile. The time of day does not.
 */
#include <xen/errno.h>

#include "boot/acpi.h"
#include "boot/smp.h"
#include "console/console.h"
#include "cpu/cpu.h"
#include "cpu/shutdown.h"
#include "cpu/sleep.h"
#include "domain/domain.h"
#include "domain/shutdown.h"
#include "irq/ioapic.h"
#include "machine.h"
#include "sched/sched.h"
#include "time/clock.h"
#include "time/wallclock.h"

#define S1 1
#define S3 3

/* A machine that is to sleep does so in much less. */
#define PATIENCE SECONDS(5)

/* What reads from ports where nothing is. */
#define NOTHING 0xffff

static struct {
	bool busy; /* atomic */
	struct vcpu *caller;
	u8 state, type_a, type_b;
} request;

static bool is_known_type(const xenpf_enter_acpi_sleep_t *s)
{
	bool known = acpi.sleep[s->sleep_state].known;

	if (!known)
		return true;
	return ACPI_SLP_TYP(s->val_a) == acpi.sleep[s->sleep_state].type_a &&
	       (!acpi.pm1b_control ||
		ACPI_SLP_TYP(s->val_b) == acpi.sleep[s->sleep_state].type_b);
}

static long check(const xenpf_enter_acpi_sleep_t *s)
{
	if ((s->flags & XENPF_ACPI_SLEEP_EXTENDED) || !acpi.pm1a_control)
		return -XEN_EPERM;
	if (s->sleep_state < S1 || s->sleep_state > ACPI_S5 || s->flags)
		return -XEN_EINVAL;
	if (s->val_b && ((s->val_a ^ s->val_b) & ACPI_SLP_EN))
		return -XEN_EINVAL;
	switch (s->sleep_state) {
	case S1:
		if (!acpi.sleep[S1].known)
			return -XEN_EOPNOTSUPP;
		break;
	case S3:
		if (!acpi.facs || !smp_trampoline()) {
			log_warning("Domain 0 wants S3: %s",
				    acpi.facs ? "no memory below 1 MiB to wake up in" :
						"firmware has no waking vector (FACS)");
			return -XEN_EOPNOTSUPP;
		}
		break;
	case ACPI_S5:
		return 0; /* by our own values */
	default:
		log_warning("Domain 0 wants S%u: only S1, S3 and S5 are possible",
			    s->sleep_state);
		return -XEN_EOPNOTSUPP;
	}
	if (!is_known_type(s)) {
		log_warning("Domain 0 wants S%u: PM1 control %x, %x is for another state",
			    s->sleep_state, s->val_a, s->val_b);
		return -XEN_EINVAL;
	}
	if (inw(acpi.pm1a_control) == NOTHING) {
		log_warning("Domain 0 wants S%u: PM1 control does not answer at port %x",
			    s->sleep_state, acpi.pm1a_control);
		return -XEN_EIO;
	}
	return 0;
}

long machine_sleep(const xenpf_enter_acpi_sleep_t *s)
{
	struct domain *d;
	long rc = check(s);

	if (rc)
		return rc;
	if (__atomic_exchange_n(&request.busy, true, __ATOMIC_SEQ_CST))
		return -XEN_EBUSY;
	log_info("Domain 0 enters S%u", s->sleep_state);
	if (s->sleep_state == ACPI_S5) {
		if (domains_stop())
			machine_halt();
		return 0;
	}
	request.caller = current;
	request.state = s->sleep_state;
	request.type_a = ACPI_SLP_TYP(s->val_a);
	request.type_b = ACPI_SLP_TYP(s->val_b);
	for_each_domain(d) {
		d->asleep = true;
		domain_pause(d);
	}
	cpu_raise_softirq(0, SOFTIRQ_SLEEP);
	return 0;
}

/* Comes back if the machine woke, or did not sleep, with the CPU as it was. */
static void enter(void)
{
	__asm__ volatile("wbinvd" : : : "memory");
	acpi_sleep(request.type_a, request.type_b);
	for (stime_t end = now() + PATIENCE; now() < end && !acpi_has_woken();)
		cpu_relax();
}

/* Whether the machine slept. */
static bool sleep_and_wake(void)
{
	bool lost;

	wallclock_suspend();
	smp_stop();
	console_end(false);
	ioapic_suspend();
	if (request.state == S3)
		acpi_set_waking_vector(smp_trampoline());
	clock_suspend();

	lost = cpu_suspend(enter);

	smp_come_up(this_cpu());
	clock_resume();
	ioapic_resume();
	console_resume();
	smp_start_again();
	wallclock_resume();
	return lost || acpi_has_woken();
}

void sleep_softirq(void)
{
	struct domain *d;
	struct vcpu *v;

	/* What runs here is paused, and this CPU was told to switch. */
	if (!current->is_idle) {
		cpu_raise_softirq(0, SOFTIRQ_SLEEP);
		return;
	}
	for_each_domain(d)
		for_each_vcpu(d, v)
			sched_sleep_sync(v);
	if (sleep_and_wake()) {
		log_info("The machine has woken from S%u", request.state);
	} else {
		log_error("The machine does not go to S%u", request.state);
		request.caller->regs.rax = -XEN_EIO;
	}
	request.busy = false;
	for_each_domain(d) {
		if (d->asleep) {
			d->asleep = false;
			domain_unpause(d);
		}
	}
}
