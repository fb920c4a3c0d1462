/* SPDX-License-Identifier: GPL-2.0-only */
/* What the firmware's ACPI tables tell, in the form that others use. */
#ifndef BOOT_ACPI_H
#define BOOT_ACPI_H

#include "lib/types.h"

#define ACPI_MAX_IOAPICS 16
#define ACPI_MAX_OVERRIDES 16
#define ACPI_MAX_NMIS 16
#define ACPI_MAX_MCFG 8
#define ACPI_S5 5

/* Polarity and trigger of an interrupt as MADT gives them (MPS INTI flags). */
#define ACPI_INTI_POLARITY 0x3	  /* 0 as the bus has it, 1 high, 3 low */
#define ACPI_INTI_ACTIVE_LOW 0x3
#define ACPI_INTI_TRIGGER 0xc	  /* 0 as the bus has it, 4 edge, 12 level */
#define ACPI_INTI_LEVEL 0xc

/* A register anywhere in the machine: ACPI spec, 5.2.3.2. */
#define ACPI_SPACE_MEMORY 0
#define ACPI_SPACE_IO 1
#define ACPI_SPACE_PCI 2
struct acpi_register {
	u8 space;
	u8 bits;
	u8 offset;
	u8 access;
	u64 address;
} __packed;

struct acpi_info {
	paddr_t rsdp; /* 0: no ACPI, and nothing below is known */

	/* MADT. CPUs that are or can be enabled, in its order. */
	bool has_madt;
	unsigned int cpu_count;
	struct {
		u32 apic_id, acpi_id;
	} cpu[NR_CPUS];
	paddr_t lapic; /* physical address of the local APICs */
	unsigned int ioapic_count;
	struct {
		paddr_t address;
		u32 gsi_base;
		u8 id;
	} ioapic[ACPI_MAX_IOAPICS];
	unsigned int override_count;
	struct {
		u8 irq; /* ISA */
		u16 flags;
		u32 gsi;
	} override[ACPI_MAX_OVERRIDES];
	unsigned int nmi_count;
	struct {
		u32 acpi_id; /* ACPI_ALL_CPUS: every CPU */
		u8 lint;
		u16 flags;
	} nmi[ACPI_MAX_NMIS];
#define ACPI_ALL_CPUS 0xffffffffu

	/* FADT. Ports are 0 where there is none. */
	bool has_fadt;
	u16 sci_irq; /* as ISA interrupt or GSI */
	u16 smi_port;
	u8 acpi_enable; /* written to smi_port */
	u16 pm1a_event, pm1b_event, pm1a_control, pm1b_control;
	u16 pm_timer;
	bool pm_timer_32bit;
	u8 rtc_century; /* CMOS index, 0: none */
	struct {
		bool known;
		u8 type_a, type_b; /* SLP_TYP */
	} sleep[ACPI_S5 + 1];	   /* by state: S1, S3 and S5 are looked for */
	paddr_t facs;		   /* 0: none */
	struct acpi_register reset; /* address 0: none */
	u8 reset_value;

	/* HPET; 0: none. */
	paddr_t hpet;

	/* MCFG: PCI configuration space in memory. */
	unsigned int mcfg_count;
	struct {
		paddr_t address; /* of bus 0 of the segment */
		u16 segment;
		u8 first_bus, last_bus;
	} mcfg[ACPI_MAX_MCFG];
};

extern struct acpi_info acpi;

/*
 * Find and read the tables. rsdp is where the boot loader says the root pointer
 * is; 0: look for it where a BIOS leaves it. Boot; needs map_physical().
 */
void acpi_init(paddr_t rsdp);

/* The global system interrupt of an ISA interrupt, and its INTI flags. */
u32 acpi_isa_to_gsi(u8 irq, u16 *flags);

/* Switch a machine that still is in legacy mode to ACPI mode. */
void acpi_enable(void);

/* PM1 control: the type of a sleep state, and the bit that enters it. */
#define ACPI_SLP_TYP(control) ((control) >> 10 & 7)
#define ACPI_SLP_EN (1u << 13)

/*
 * Tell the machine to go to sleep, by the types for PM1a and PM1b control, of which
 * there is the first at least. It does so soon after this returns.
 */
void acpi_sleep(u8 type_a, u8 type_b);

/* Whether it has woken up since the last call of acpi_sleep(). */
bool acpi_has_woken(void);

/* Where it continues then, in real mode. There is a FACS. */
void acpi_set_waking_vector(u32 address);

#endif
