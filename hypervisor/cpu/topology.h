/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPUs are threads of one core, and which cores share a socket. */
#ifndef CPU_TOPOLOGY_H
#define CPU_TOPOLOGY_H

#include "lib/types.h"

/*
 * Where CPU number cpu, below cpu_count, sits: its core's number in its socket and
 * the socket's. Numbers need not follow each other.
 */
void cpu_place(unsigned int cpu, u32 *core, u32 *socket);

/* And its own number in its core. */
u32 cpu_thread(unsigned int cpu);

/* CPUs in a core, and cores in a socket, counted around CPU 0. */
unsigned int cpu_threads_per_core(void);
unsigned int cpu_cores_per_socket(void);

#endif
