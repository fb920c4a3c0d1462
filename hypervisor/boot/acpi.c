/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the firmware's ACPI tables (ACPI specification 6.4, chapter 5): which
 * CPUs and interrupt controllers there are, which timers, how to power off and
 * reset. Tables are read once, here; what they say stays in `acpi`. There is no
 * AML interpreter: that is dom0's business.
 *
 * Firmware is not trusted to be right. A table with a wrong checksum or length
 * is left out, and so is an entry that does not fit into its table.
 */
#include <xen/errno.h>

#include "boot/acpi.h"
#include "boot/cmdline.h"
#include "cpu/asm.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/paging.h"
#include "time/clock.h"

struct acpi_info acpi;

struct rsdp {
	char signature[8]; /* "RSD PTR " */
	u8 checksum;	   /* of the first 20 bytes */
	char oem[6];
	u8 revision; /* 0: ends after rsdt */
	u32 rsdt;
	u32 length;
	u64 xsdt;
	u8 checksum_all;
	u8 reserved[3];
} __packed;

#define RSDP_V1_SIZE 20

struct table {
	char signature[4];
	u32 length; /* with this header */
	u8 revision;
	u8 checksum;
	char oem[6];
	char oem_table[8];
	u32 oem_revision;
	u32 creator, creator_revision;
} __packed;

struct madt {
	struct table header;
	u32 lapic;
	u32 flags;
	u8 entries[];
} __packed;

struct fadt {
	struct table header;
	u32 facs, dsdt;
	u8 reserved1, profile;
	u16 sci_irq;
	u32 smi_port;
	u8 acpi_enable, acpi_disable, s4bios, pstate;
	u32 pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control;
	u32 pm_timer, gpe0, gpe1;
	u8 pm1_event_length, pm1_control_length, pm2_length, pm_timer_length;
	u8 gpe0_length, gpe1_length, gpe1_base, cst;
	u16 lvl2_latency, lvl3_latency, flush_size, flush_stride;
	u8 duty_offset, duty_width, day_alarm, month_alarm, century;
	u16 boot_flags;
	u8 reserved2;
	u32 flags;
	struct acpi_register reset;
	u8 reset_value;
	u16 arm_flags;
	u8 minor;
	u64 x_facs, x_dsdt;
	struct acpi_register x_pm1a_event, x_pm1b_event, x_pm1a_control,
		x_pm1b_control, x_pm2_control, x_pm_timer;
} __packed;

#define FADT_TIMER_32BIT (1u << 8)
#define FADT_RESET (1u << 10)
#define FADT_HARDWARE_REDUCED (1u << 20)

struct hpet_table {
	struct table header;
	u32 id;
	struct acpi_register address;
} __packed;

struct mcfg_table {
	struct table header;
	u64 reserved;
	struct {
		u64 address;
		u16 segment;
		u8 first_bus, last_bus;
		u32 reserved;
	} __packed entry[];
} __packed;

/* No checksum, for others write in it, too: 5.2.10. */
struct facs {
	char signature[4]; /* "FACS" */
	u32 length;
	u32 hardware;
	u32 waking_vector; /* in real mode */
	u32 lock, flags;
	u64 x_waking_vector; /* in another mode; 0: the other one counts */
} __packed;

/* PM1 status: 4.8.3.1.1. */
#define PM1_WAK_STS (1u << 15)
/* PM1 control: 4.8.3.2.1. */
#define PM1_SCI_EN 1 /* the machine is in ACPI mode */
#define PM1_SLP_TYP(n) ((u16)(n) << 10)

static bool opt_off;  /* acpi=off: there is no ACPI */
static bool opt_cpus; /* acpi=ht: use the list of CPUs alone */
static bool opt_no_irq; /* acpi=noirq: not the interrupt controllers */
static bool opt_skip_timer_override;
PARAM_BOOL("acpi_skip_timer_override", opt_skip_timer_override);

static int parse_acpi(const char *value)
{
	if (parse_bool(value) == 0)
		opt_off = true;
	else if (strcmp(value, "ht") == 0)
		opt_cpus = opt_no_irq = true;
	else if (strcmp(value, "noirq") == 0)
		opt_no_irq = true;
	else if (strcmp(value, "force") != 0 && strcmp(value, "strict") != 0)
		return -XEN_EINVAL;
	/* force, strict: that is how it is done here anyway. */
	return 0;
}
PARAM_FN("acpi", parse_acpi);

static bool sums_to_zero(const void *p, size_t n)
{
	const u8 *byte = p;
	u8 sum = 0;

	while (n--)
		sum += *byte++;
	return sum == 0;
}

/* A whole table, checked; NULL when it is broken. */
static const struct table *table_map(paddr_t pa)
{
	const struct table *t = map_physical(pa, sizeof(*t));
	u32 length;

	if (!pa || !t)
		return NULL;
	length = t->length;
	if (length >= sizeof(*t) && length <= 16u << 20) {
		t = map_physical(pa, length);
		if (t && sums_to_zero(t, length))
			return t;
	}
	log_warning("acpi: table at %lx is broken", pa);
	return NULL;
}

static bool is_rsdp(const void *p)
{
	return memcmp(p, "RSD PTR ", 8) == 0 && sums_to_zero(p, RSDP_V1_SIZE);
}

/* On 16-byte boundaries of [start, start + bytes). 0: not there. */
static paddr_t rsdp_search(paddr_t start, size_t bytes)
{
	const char *p = map_physical(start, bytes);

	for (size_t i = 0; p && i + RSDP_V1_SIZE <= bytes; i += 16) {
		if (is_rsdp(p + i))
			return start + i;
	}
	return 0;
}

/* ACPI, 5.2.5.1: the first KiB of the extended BIOS data area, or the BIOS. */
static paddr_t rsdp_find(void)
{
	const u16 *ebda_segment = map_physical(0x40e, sizeof(*ebda_segment));
	paddr_t ebda = (paddr_t)*ebda_segment << 4;
	paddr_t found = 0;

	if (ebda >= 0x400 && ebda < 0xa0000)
		found = rsdp_search(ebda, 1024);
	if (!found)
		found = rsdp_search(0xe0000, 0x20000);
	return found;
}

static void add_cpu(u32 apic_id, u32 acpi_id, u32 flags)
{
	/* Bit 0: enabled. Else it may come later (bit 1), or never. */
	if (!(flags & 1))
		return;
	/* Some firmware lists a CPU in both forms. */
	for (unsigned int i = 0; i < acpi.cpu_count; i++) {
		if (acpi.cpu[i].apic_id == apic_id)
			return;
	}
	if (acpi.cpu_count == NR_CPUS) {
		log_warning("acpi: more than %d CPUs, APIC ID %u left out",
			    NR_CPUS, apic_id);
		return;
	}
	acpi.cpu[acpi.cpu_count].apic_id = apic_id;
	acpi.cpu[acpi.cpu_count++].acpi_id = acpi_id;
}

static void add_override(u8 irq, u32 gsi, u16 flags)
{
	if (irq == 0 && opt_skip_timer_override) {
		log_info("acpi: override of the timer's interrupt skipped");
		return;
	}
	if (irq > 15 || acpi.override_count == ACPI_MAX_OVERRIDES)
		return;
	acpi.override[acpi.override_count].irq = irq;
	acpi.override[acpi.override_count].gsi = gsi;
	acpi.override[acpi.override_count++].flags = flags;
}

static void add_nmi(u32 acpi_id, u8 lint, u16 flags)
{
	if (lint > 1 || acpi.nmi_count == ACPI_MAX_NMIS)
		return;
	acpi.nmi[acpi.nmi_count].acpi_id = acpi_id;
	acpi.nmi[acpi.nmi_count].lint = lint;
	acpi.nmi[acpi.nmi_count++].flags = flags;
}

static u16 le16(const u8 *p)
{
	return p[0] | p[1] << 8;
}

static u32 le32(const u8 *p)
{
	return le16(p) | (u32)le16(p + 2) << 16;
}

static u64 le64(const u8 *p)
{
	return le32(p) | (u64)le32(p + 4) << 32;
}

/* Entries of MADT by type, with the least length of each: 5.2.12. */
enum {
	MADT_LAPIC = 0,
	MADT_IOAPIC = 1,
	MADT_OVERRIDE = 2,
	MADT_LAPIC_NMI = 4,
	MADT_LAPIC_ADDRESS = 5,
	MADT_X2APIC = 9,
	MADT_X2APIC_NMI = 10,
};

static const u8 madt_length[] = {
	[MADT_LAPIC] = 8,	  [MADT_IOAPIC] = 12,
	[MADT_OVERRIDE] = 10,	  [MADT_LAPIC_NMI] = 6,
	[MADT_LAPIC_ADDRESS] = 12, [MADT_X2APIC] = 16,
	[MADT_X2APIC_NMI] = 12,
};

static void madt_entry(const u8 *e)
{
	switch (e[0]) {
	case MADT_LAPIC:
		/* 0xff means that it is in an x2APIC entry, if anywhere. */
		if (e[3] != 0xff)
			add_cpu(e[3], e[2], le32(e + 4));
		break;
	case MADT_X2APIC:
		add_cpu(le32(e + 4), le32(e + 12), le32(e + 8));
		break;
	case MADT_IOAPIC:
		if (opt_no_irq || acpi.ioapic_count == ACPI_MAX_IOAPICS)
			break;
		acpi.ioapic[acpi.ioapic_count].id = e[2];
		acpi.ioapic[acpi.ioapic_count].address = le32(e + 4);
		acpi.ioapic[acpi.ioapic_count++].gsi_base = le32(e + 8);
		break;
	case MADT_OVERRIDE:
		add_override(e[3], le32(e + 4), le16(e + 8));
		break;
	case MADT_LAPIC_NMI:
		add_nmi(e[2] == 0xff ? ACPI_ALL_CPUS : e[2], e[5], le16(e + 3));
		break;
	case MADT_X2APIC_NMI:
		add_nmi(le32(e + 4), e[8], le16(e + 2));
		break;
	case MADT_LAPIC_ADDRESS:
		acpi.lapic = le64(e + 4);
		break;
	}
}

static void madt_read(const struct table *t)
{
	const struct madt *m = (const struct madt *)t;
	const u8 *p = m->entries, *end = (const u8 *)t + t->length;

	if (t->length < sizeof(*m))
		return;
	acpi.has_madt = true;
	acpi.lapic = m->lapic;
	while (p + 2 <= end && p[1] >= 2 && p[1] <= end - p) {
		if (p[0] >= ARRAY_SIZE(madt_length) ||
		    p[1] >= madt_length[p[0]])
			madt_entry(p);
		p += p[1];
	}
}

/*
 * A small integer of a package: ZeroOp, OneOp, or BytePrefix and a byte (ACPI,
 * 20.2.3). Moves *p behind it.
 */
static bool aml_small(const u8 **p, const u8 *end, u8 *value)
{
	if (*p >= end)
		return false;
	switch (*(*p)++) {
	case 0x00:
		*value = 0;
		return true;
	case 0x01:
		*value = 1;
		return true;
	case 0x0a:
		if (*p >= end)
			return false;
		*value = *(*p)++;
		return true;
	default:
		return false;
	}
}

/*
 * Name (_Sn_, Package () { a, b, ...}) is compiled to: NameOp, perhaps a
 * backslash, the name, PackageOp, a length of one to four bytes (the top two bits
 * of the first count the others), the number of elements, the elements. The
 * first two are what PM1 control takes for that state.
 */
static void sleep_type_read(const struct table *dsdt, u8 state)
{
	const u8 *start = (const u8 *)(dsdt + 1);
	const u8 *end = (const u8 *)dsdt + dsdt->length;
	const char name[] = { '_', 'S', '0' + state, '_' };

	for (const u8 *p = start + 2; p + 8 <= end; p++) {
		const u8 *q = p + 4;
		u8 a, b;

		if (memcmp(p, name, 4) != 0 || *q++ != 0x12)
			continue;
		if (p[-1] != 0x08 && !(p[-1] == '\\' && p[-2] == 0x08))
			continue;
		q += 1 + (*q >> 6); /* length */
		q++;		    /* number of elements */
		if (!aml_small(&q, end, &a) || !aml_small(&q, end, &b))
			continue;
		acpi.sleep[state].known = true;
		acpi.sleep[state].type_a = a & 7;
		acpi.sleep[state].type_b = b & 7;
		return;
	}
}

/* A block of ports: the newer field when the table has it and it is set. */
static u16 fadt_port(const struct fadt *f, const struct acpi_register *newer,
		     u32 older)
{
	bool has = (const u8 *)(newer + 1) <= (const u8 *)f + f->header.length;

	if (has && newer->space == ACPI_SPACE_IO && newer->address &&
	    newer->address <= 0xffff)
		return newer->address;
	return older <= 0xffff ? older : 0;
}

/* Whether the table is long enough for a field. */
#define fadt_has(f, field)                                      \
	((f)->header.length >= offsetof(struct fadt, field) + \
				       sizeof((f)->field))

/* Where both fields are set and differ, firmware is tested with the older one. */
static void facs_find(const struct fadt *f)
{
	paddr_t pa = f->facs || !fadt_has(f, x_facs) ? f->facs : f->x_facs;
	const struct facs *facs = map_physical(pa, sizeof(*facs));

	if (!pa || !facs)
		return;
	if (memcmp(facs->signature, "FACS", 4) == 0 && facs->length >= sizeof(*facs))
		acpi.facs = pa;
	else
		log_warning("acpi: FACS at %lx is broken", pa);
}

static void fadt_read(const struct table *t)
{
	const struct fadt *f = (const struct fadt *)t;
	const struct table *dsdt;
	paddr_t dsdt_pa;

	if (opt_cpus || !fadt_has(f, flags))
		return;
	acpi.has_fadt = true;
	acpi.sci_irq = f->sci_irq;
	acpi.rtc_century = f->century;
	dsdt_pa = fadt_has(f, x_dsdt) && f->x_dsdt ? f->x_dsdt : f->dsdt;
	dsdt = table_map(dsdt_pa);
	for (u8 state = 1; dsdt && state <= ACPI_S5; state += 2)
		sleep_type_read(dsdt, state);
	if ((f->flags & FADT_RESET) && fadt_has(f, reset_value)) {
		acpi.reset = f->reset;
		acpi.reset_value = f->reset_value;
	}
	/* The rest does not exist then, whatever the fields say. */
	if (f->flags & FADT_HARDWARE_REDUCED)
		return;
	acpi.smi_port = f->smi_port <= 0xffff ? f->smi_port : 0;
	acpi.acpi_enable = f->acpi_enable;
	facs_find(f);
	acpi.pm1a_event = fadt_port(f, &f->x_pm1a_event, f->pm1a_event);
	acpi.pm1b_event = fadt_port(f, &f->x_pm1b_event, f->pm1b_event);
	acpi.pm1a_control = fadt_port(f, &f->x_pm1a_control, f->pm1a_control);
	acpi.pm1b_control = fadt_port(f, &f->x_pm1b_control, f->pm1b_control);
	if (f->pm_timer_length == 4) {
		acpi.pm_timer = fadt_port(f, &f->x_pm_timer, f->pm_timer);
		acpi.pm_timer_32bit = f->flags & FADT_TIMER_32BIT;
	}
}

static void hpet_read(const struct table *t)
{
	const struct hpet_table *h = (const struct hpet_table *)t;

	if (!opt_cpus && t->length >= sizeof(*h) &&
	    h->address.space == ACPI_SPACE_MEMORY)
		acpi.hpet = h->address.address;
}

static void mcfg_read(const struct table *t)
{
	const struct mcfg_table *m = (const struct mcfg_table *)t;
	size_t n;

	if (opt_cpus || t->length < sizeof(*m))
		return;
	n = (t->length - sizeof(*m)) / sizeof(m->entry[0]);
	for (size_t i = 0; i < n && acpi.mcfg_count < ACPI_MAX_MCFG; i++) {
		unsigned int k = acpi.mcfg_count++;

		acpi.mcfg[k].address = m->entry[i].address;
		acpi.mcfg[k].segment = m->entry[i].segment;
		acpi.mcfg[k].first_bus = m->entry[i].first_bus;
		acpi.mcfg[k].last_bus = m->entry[i].last_bus;
	}
}

static const struct {
	char signature[5];
	void (*read)(const struct table *t);
} readers[] = {
	{ "APIC", madt_read },
	{ "FACP", fadt_read },
	{ "HPET", hpet_read },
	{ "MCFG", mcfg_read },
};

/* Each table that the root table (RSDT or XSDT: 4- or 8-byte pointers) lists. */
static void tables_read(const struct table *root, size_t pointer_size)
{
	const u8 *p = (const u8 *)(root + 1);
	const u8 *end = (const u8 *)root + root->length;

	for (; p + pointer_size <= end; p += pointer_size) {
		paddr_t pa = pointer_size == 8 ? le64(p) : le32(p);
		const struct table *t = map_physical(pa, sizeof(*t));

		for (size_t i = 0; pa && t && i < ARRAY_SIZE(readers); i++) {
			if (memcmp(t->signature, readers[i].signature, 4) != 0)
				continue;
			t = table_map(pa);
			if (t)
				readers[i].read(t);
			break;
		}
	}
}

void acpi_init(paddr_t rsdp_pa)
{
	const struct table *root = NULL;
	const struct rsdp *rsdp;
	size_t pointer_size = 8;

	if (opt_off) {
		log_info("acpi: off");
		return;
	}
	if (!rsdp_pa)
		rsdp_pa = rsdp_find();
	rsdp = rsdp_pa ? map_physical(rsdp_pa, sizeof(*rsdp)) : NULL;
	if (!rsdp || !is_rsdp(rsdp)) {
		log_warning("acpi: this machine has none");
		return;
	}
	if (rsdp->revision >= 2 && rsdp->xsdt)
		root = table_map(rsdp->xsdt);
	if (!root) {
		root = table_map(rsdp->rsdt);
		pointer_size = 4;
	}
	if (!root)
		return;
	acpi.rsdp = rsdp_pa;
	tables_read(root, pointer_size);
	log_info("acpi: %u CPUs, %u IO-APICs, PM timer %x, HPET %lx, power off %s, reset %s",
		 acpi.cpu_count, acpi.ioapic_count, acpi.pm_timer, acpi.hpet,
		 acpi.sleep[ACPI_S5].known ? "yes" : "no", acpi.reset.address ? "yes" : "no");
}

u32 acpi_isa_to_gsi(u8 irq, u16 *flags)
{
	for (unsigned int i = 0; i < acpi.override_count; i++) {
		if (acpi.override[i].irq == irq) {
			*flags = acpi.override[i].flags;
			return acpi.override[i].gsi;
		}
	}
	*flags = 0;
	return irq;
}

void acpi_enable(void)
{
	if (!acpi.pm1a_control || (inw(acpi.pm1a_control) & PM1_SCI_EN) ||
	    !acpi.smi_port || !acpi.acpi_enable)
		return;
	outb(acpi.smi_port, acpi.acpi_enable);
	for (unsigned int i = 0; i < 300; i++) {
		if (inw(acpi.pm1a_control) & PM1_SCI_EN)
			return;
		clock_delay(MILLISECONDS(1));
	}
	log_warning("acpi: the machine stays in legacy mode");
}

void acpi_sleep(u8 type_a, u8 type_b)
{
	const u16 clear = PM1_SLP_TYP(7) | ACPI_SLP_EN;
	u16 a = (inw(acpi.pm1a_control) & ~clear) | PM1_SLP_TYP(type_a), b = 0;

	/* Written to be cleared. */
	if (acpi.pm1a_event)
		outw(acpi.pm1a_event, PM1_WAK_STS);
	outw(acpi.pm1a_control, a);
	if (acpi.pm1b_control) {
		b = (inw(acpi.pm1b_control) & ~clear) | PM1_SLP_TYP(type_b);
		outw(acpi.pm1b_control, b);
	}
	outw(acpi.pm1a_control, a | ACPI_SLP_EN);
	if (acpi.pm1b_control)
		outw(acpi.pm1b_control, b | ACPI_SLP_EN);
}

bool acpi_has_woken(void)
{
	return acpi.pm1a_event && (inw(acpi.pm1a_event) & PM1_WAK_STS);
}

void acpi_set_waking_vector(u32 address)
{
	volatile struct facs *facs = map_physical(acpi.facs, sizeof(*facs));

	facs->waking_vector = address;
	facs->x_waking_vector = 0;
}
