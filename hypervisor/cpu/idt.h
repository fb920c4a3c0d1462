/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt descriptor table, one for all CPUs. */
#ifndef CPU_IDT_H
#define CPU_IDT_H

void idt_init(void); /* boot, once */
void idt_load(void); /* each CPU */

/* Interrupt stack table slots of the TSS. */
#define IST_NMI 1
#define IST_DB 2
#define IST_MCE 3
#define IST_DF 4

/* Exception vectors (SDM vol. 3, table 6-1). */
#define VECTOR_DE 0
#define VECTOR_DB 1
#define VECTOR_NMI 2
#define VECTOR_BP 3
#define VECTOR_OF 4
#define VECTOR_BR 5
#define VECTOR_UD 6
#define VECTOR_NM 7
#define VECTOR_DF 8
#define VECTOR_TS 10
#define VECTOR_NP 11
#define VECTOR_SS 12
#define VECTOR_GP 13
#define VECTOR_PF 14
#define VECTOR_MF 16
#define VECTOR_AC 17
#define VECTOR_MC 18
#define VECTOR_XM 19
#define VECTOR_CP 21

#endif
