/* SPDX-License-Identifier: GPL-2.0-only */
/* Sleep states of the machine: ACPI specification 6.4, chapter 16. */
#ifndef CPU_SLEEP_H
#define CPU_SLEEP_H

#include <xen/platform.h>

/*
 * Domain 0 wants the machine to sleep, as XENPF_enter_acpi_sleep. Returns at once,
 * but domain 0 runs again only when the machine has woken; S5 does not return. The
 * caller is a VCPU of domain 0 and holds no lock. The error leaves all as it was:
 *
 *	-EPERM		sleep registers of machines that have none of the others, or
 *			a machine without PM1 control
 *	-EINVAL		no such state or flag; the values for PM1a and PM1b disagree
 *			about SLP_EN; another type than the machine's for that state
 *	-EOPNOTSUPP	S2 and S4; S1 that the machine does not name; S3 where
 *			firmware has no waking vector
 *	-EBUSY		another VCPU is at it
 *	-EIO		PM1 control is not where the machine says; or the machine
 *			was told to sleep and does not
 */
long machine_sleep(const xenpf_enter_acpi_sleep_t *sleep);

/* SOFTIRQ_SLEEP, first CPU. */
void sleep_softirq(void);

#endif
