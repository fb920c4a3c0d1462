/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the parts of the simulator. */
#ifndef SIM_INTERNAL_H
#define SIM_INTERNAL_H

struct vcpu;

void sim_domains_init(void);
void sim_domains_exit(void);
struct vcpu *sim_idle_vcpu(unsigned int cpu);

#endif
