/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt behind machine_set_timer(), for clock.c. */
#ifndef TIME_ONESHOT_H
#define TIME_ONESHOT_H

/*
 * When clock and local APIC work: at boot choose what is to interrupt; then on each
 * CPU that starts.
 */
void oneshot_init(void);
void oneshot_init_cpu(void);

#endif
