/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt behind machine_set_timer(), for clock.c. */
#ifndef TIME_ONESHOT_H
#define TIME_ONESHOT_H

/* Boot, on each CPU, when its clock and its local APIC work. */
void oneshot_init_cpu(void);

#endif
