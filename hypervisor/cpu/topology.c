/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The topology is in the APIC ids: their lowest bits number the threads of a core,
 * the next the cores of a socket, the rest the sockets. CPUID tells how many bits
 * each takes: leaf 0xb where there is one, else older leaves from which the widths
 * follow (SDM vol. 3, 9.9.3; APM vol. 3, E.4.7). Nothing in the hypervisor depends
 * on it; tools ask.
 */
#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/topology.h"

#define LEVEL_THREAD 1
#define LEVEL_CORE 2

struct widths {
	unsigned int thread; /* bits of an APIC id below the core's number */
	unsigned int socket; /* and below the socket's */
};

/* Bits for n different numbers. */
static unsigned int bits_for(u32 n)
{
	return n <= 1 ? 0 : 32 - __builtin_clz(n - 1);
}

static bool widths_extended(u32 max, struct widths *w)
{
	u32 a, b, c, d;

	if (max < 0xb)
		return false;
	cpuid(0xb, 0, &a, &b, &c, &d);
	if (b == 0 || (c >> 8 & 0xff) != LEVEL_THREAD)
		return false;
	w->thread = a & 31;
	cpuid(0xb, 1, &a, &b, &c, &d);
	w->socket = (c >> 8 & 0xff) == LEVEL_CORE ? (a & 31) : w->thread;
	return true;
}

/* Cores that a socket has room for. */
static u32 cores_max(u32 max)
{
	u32 a, b, c, d;

	if (cpu_features.vendor[0] == 'G' && max >= 4) { /* GenuineIntel */
		cpuid(4, 0, &a, &b, &c, &d);
		return (a >> 26) + 1;
	}
	cpuid(0x80000000, 0, &a, &b, &c, &d);
	if (a < 0x80000008)
		return 1;
	cpuid(0x80000008, 0, &a, &b, &c, &d);
	return c >> 12 & 15 ? 1u << (c >> 12 & 15) : (c & 0xff) + 1;
}

static struct widths widths_read(void)
{
	struct widths w = { 0 };
	u32 max, a, b, c, d;

	cpuid(0, 0, &max, &b, &c, &d);
	if (widths_extended(max, &w))
		return w;
	cpuid(1, 0, &a, &b, &c, &d);
	if (!(d >> 28 & 1)) /* one thread in all */
		return w;
	w.socket = bits_for(b >> 16 & 0xff);
	w.thread = w.socket - min(w.socket, bits_for(cores_max(max)));
	return w;
}

static void place(const struct widths *w, unsigned int cpu, u32 *core, u32 *socket)
{
	u32 id = cpus[cpu]->apic_id;

	*core = (id & ((1u << w->socket) - 1)) >> w->thread;
	*socket = id >> w->socket;
}

void cpu_place(unsigned int cpu, u32 *core, u32 *socket)
{
	struct widths w = widths_read();

	place(&w, cpu, core, socket);
}

u32 cpu_thread(unsigned int cpu)
{
	struct widths w = widths_read();

	return cpus[cpu]->apic_id & ((1u << w.thread) - 1);
}

/* CPUs in CPU 0's socket, in its core alone if asked. */
static unsigned int count(bool same_core)
{
	struct widths w = widths_read();
	u32 core0, socket0, core, socket;
	unsigned int n = 0;

	place(&w, 0, &core0, &socket0);
	for (unsigned int cpu = 0; cpu < cpu_count; cpu++) {
		place(&w, cpu, &core, &socket);
		n += socket == socket0 && (!same_core || core == core0);
	}
	return n;
}

unsigned int cpu_threads_per_core(void)
{
	return count(true);
}

unsigned int cpu_cores_per_socket(void)
{
	return count(false) / count(true);
}
