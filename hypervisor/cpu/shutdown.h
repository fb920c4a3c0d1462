/* SPDX-License-Identifier: GPL-2.0-only */
/* How the machine ends. Any CPU, any context; other CPUs are stopped first. */
#ifndef CPU_SHUTDOWN_H
#define CPU_SHUTDOWN_H

#include "lib/types.h"

/* Power off; where ACPI cannot do that, stop every CPU for good. */
void __noreturn machine_halt(void);

/* Reset. */
void __noreturn machine_restart(void);

/*
 * After a crash of the hypervisor or of dom0, once the reason is on the
 * console: restart, or with the option `noreboot` stop every CPU for good.
 */
void __noreturn machine_crashed(void);

#endif
