/* SPDX-License-Identifier: GPL-2.0-only */
/* Bringing up the other CPUs. */
#ifndef BOOT_SMP_H
#define BOOT_SMP_H

/* Boot, first CPU: number the CPUs that ACPI found, start them one by one. */
void smp_boot(void);

/* Boot: an area and an idle VCPU for the first CPU are there; note what ACPI says
 * of it. */
void smp_init_first(void);

#endif
