/* SPDX-License-Identifier: GPL-2.0-only */
/* What a test can do with the simulated machine, and see of it. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "domain/domain.h"
#include "lib/types.h"
#include "machine.h"

/* A machine: so much RAM, CPUs that idle, a scheduler, no domains. Again: anew. */
void sim_init_cpus(u64 ram_bytes, unsigned int cpus, const char *sched);
static inline void sim_init(u64 ram_bytes)
{
	sim_init_cpus(ram_bytes, 1, NULL);
}

/* Everything goes, domains too; checks that all frames have come back. */
void sim_exit(void);

/* Messages of the hypervisor on stderr; SIM_VERBOSE=1 in the environment too. */
extern bool sim_verbose;

/* What the machine was asked to do. */
extern struct sim_counts {
	unsigned int set_timer, switches, kicks, flushes, softirqs, virqs;
} sim_count;
extern cpumask_t sim_kicked;		 /* cleared by the test */
extern stime_t sim_timer[NR_CPUS];	 /* STIME_MAX: none */
extern u32 sim_softirqs_pending[NR_CPUS]; /* bits of enum softirq */

/* preempt_check() says yes at every so many calls; 0: only when it is so. */
extern unsigned int sim_preempt_every;
/* When set: asked instead; what it says is the answer. sim_init() clears it. */
extern bool (*sim_preempt)(void);

/* Goes up at each full flush of a CPU's TLB, by whatever means. */
extern u64 sim_tlb_epoch[NR_CPUS];

/* Leave the previous VCPU unsaved after a switch, until sim_save(). */
extern bool sim_delay_save;
void sim_save(unsigned int cpu);

/* Run the softirqs of one CPU, or of all until nothing is left. */
void sim_run_cpu(unsigned int cpu);
void sim_run(void);

/* Let time pass; timers fire at their times, and what they raise is run. */
void sim_advance(stime_t ns);
extern stime_t sim_time;

/* A domain with VCPUs that are initialised; up: they can run. 0 is domain 0. */
struct domain *sim_domain(u16 domid, unsigned int vcpus, bool up);
struct vcpu *sim_vcpu(struct domain *d, unsigned int id);
/* It dies as the real one does: killed, all references dropped. */
void sim_domain_destroy(struct domain *d);

/* Make v the current VCPU of this CPU, whatever the scheduler thinks. */
void sim_become(struct vcpu *v);

/* v enters user mode, or its kernel. */
void sim_toggle_mode(struct vcpu *v);

/* A zeroed frame of d's own memory, which d can name in hypercalls. */
void *sim_guest_page(struct domain *d);

/*
 * A hypercall of the current VCPU through the table, continued as often as it wants.
 * Pointers are to memory of the guest's own.
 */
long sim_hypercall(unsigned int nr, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5);

/*
 * One step of it, with the arguments in the VCPU's registers: true when it is done,
 * else what is to be called next is in *nr and the registers.
 */
bool sim_hypercall_step(unsigned int *nr, long *rc);

/*
 * The hypercalls of the current VCPU with op copied to its memory and back, and
 * repeated while they want to be continued. NULL op: as it is.
 */
long sim_event_op(int cmd, void *op, size_t size);
long sim_sched_op(int cmd, void *op, size_t size);
long sim_vcpu_op(int cmd, unsigned int vcpu, void *op, size_t size);

#endif
