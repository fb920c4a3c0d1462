/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the parts of the simulator. */
#ifndef SIM_INTERNAL_H
#define SIM_INTERNAL_H

#include "lib/types.h"

struct vcpu;

extern cpumask_t sim_cpus_present;
extern mfn_t sim_null_mfn;

/* What a CPU does to its TLB when it goes from one VCPU to the next. */
void sim_load_vcpu(struct vcpu *prev, struct vcpu *next);

void sim_domains_init(void);
void sim_domains_exit(void);
struct vcpu *sim_idle_vcpu(unsigned int cpu);

#endif
