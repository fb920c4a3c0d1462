/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The performance counters, in the order in which tools see them. PERFC is one
 * number for each CPU; PERFC_ARRAY one for each of n kinds of the same thing.
 */
PERFC_ARRAY(hypercall, "hypercalls", 64)
PERFC_ARRAY(multicall, "hypercalls in multicalls", 64)
PERFC_ARRAY(exception, "exceptions from guests", 32)
PERFC(interrupt, "interrupts from guests")
PERFC(restart, "hypercalls restarted")
PERFC(emulated, "privileged instructions emulated")
PERFC(forced, "instructions emulated by prefix")
PERFC(pt_write, "page-table writes emulated")
PERFC(upcall, "event upcalls")
PERFC(mode_switch, "switches between guest kernel and user")
PERFC(schedule, "decisions of the scheduler")
PERFC(context_switch, "context switches")
PERFC(timer, "timer interrupts handled")
PERFC(flush, "TLB flushes asked of other CPUs")
