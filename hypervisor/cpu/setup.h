/* SPDX-License-Identifier: GPL-2.0-only */
/* What each CPU is set to before it runs anything. */
#ifndef CPU_SETUP_H
#define CPU_SETUP_H

/* Boot, first CPU: find out what the CPU has. */
void cpu_detect(void);

/* Each CPU, on its own stack: control registers, protections. */
void cpu_setup(void);

#endif
