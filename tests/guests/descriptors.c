/*
 * The guest's descriptor tables: set_gdt, update_descriptor, the LDT. The
 * processor uses these tables as they are, so each descriptor is checked: what
 * claims a ring below 3 is corrected to 3, system segments and gates of the
 * interrupt kind are refused, and nobody may write to the page but the
 * hypervisor.
 */
#include "test.h"
#include "mm.h"
#include "trap.h"

/* An 8-byte descriptor: base, limit (20 bits), access byte, flags (4 bits). */
#define DESC(base, limit, access, flags)                                   \
	((uint64_t)((limit)&0xffff) | (uint64_t)((base)&0xffffff) << 16 |  \
	 (uint64_t)(access) << 40 | (uint64_t)((limit) >> 16 & 15) << 48 | \
	 (uint64_t)(flags) << 52 | (uint64_t)((base) >> 24 & 0xff) << 56)

#define DATA3 DESC(0, 0xfffff, 0xf3, 0xc) /* present, ring 3, writable, accessed */
#define DATA3_BASED DESC(0x12345000, 0xfffff, 0xf3, 0xc)
#define DATA3_ABSENT DESC(0, 0xfffff, 0x73, 0xc)
#define DATA0 DESC(0, 0xfffff, 0x93, 0xc)
#define DATA0_ABSENT DESC(0, 0xfffff, 0x13, 0xc)
#define DATA1 DESC(0, 0xfffff, 0xb3, 0xc)
#define CODE3_64 DESC(0, 0xfffff, 0xfb, 0xa)
#define CODE0_64 DESC(0, 0xfffff, 0x9b, 0xa)
#define CODE3_32 DESC(0, 0xfffff, 0xfb, 0xc)
#define CONFORMING0 DESC(0, 0xfffff, 0x9f, 0xa)
#define CONFORMING3 DESC(0, 0xfffff, 0xff, 0xa)
#define CALL_GATE 0x00008c0000080000UL	/* to selector 8, */
#define CALL_GATE3 0x00008c00000b0000UL /* which becomes 0xb */
#define GATE_ABSENT 0x00000c0000080000UL
#define TSS DESC(0, 0x67, 0x89, 0)
#define LDT DESC(0, 0x67, 0x82, 0)
#define TRAP_GATE 0xffffef00e0331000UL

static volatile uint64_t gdt[512] page_aligned, ldt[512] page_aligned, spare[512] page_aligned;

static long set_gdt(unsigned long mfn, unsigned int entries)
{
	unsigned long frames[16] = { mfn };

	return hv_set_gdt(frames, entries);
}

static uint16_t fs(void)
{
	uint16_t sel;

	__asm__ volatile("movw %%fs, %0" : "=r"(sel));
	return sel;
}

/* Loading a selector into %fs; the descriptor's base comes with it. */
#define CHECK_FS(sel)                                        \
	do {                                                 \
		CHECK_NO_TRAP("movw %w0, %%fs", : "r"(sel)); \
		CHECK_EQ(fs(), sel);                         \
	} while (0)
#define CHECK_NO_FS(sel, vector) CHECK_TRAP(vector, (sel) & ~3, "movw %w0, %%fs", : "r"(sel))

static void install(void)
{
	CHECK_NO_FS(5 << 3 | 3, TRAP_GP); /* no table at all */
	gdt[5] = DATA3;
	gdt[6] = DATA3_ABSENT;
	gdt[7] = CODE3_64;
	/* Writable: cannot be a descriptor table. */
	CHECK_EQ(set_gdt(virt_to_mfn(gdt), 512), -EINVAL);
	CHECK_EQ(map_readonly(gdt), 0);
	CHECK_EQ(set_gdt(virt_to_mfn(gdt), 512), 0);
	CHECK_FS(5 << 3 | 3);
	CHECK_NO_FS(6 << 3 | 3, TRAP_NP);
	CHECK_FS(7 << 3 | 3);
	CHECK_NO_FS(8 << 3 | 3, TRAP_GP); /* an empty one */
	CHECK_EQ(map_writable(gdt), -EBUSY);
	CHECK_TRAP(TRAP_PF, 3, "movq $0, (%0)", : "r"(gdt + 9));
	/* It is no page table now. */
	CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(gdt)), -EINVAL);
	/* The hypervisor's own selectors are there, above. */
	CHECK_FS(FLAT_RING3_DS32);
	CHECK_NO_TRAP("movw %w0, %%fs", : "r"(0));
}

static void bad_tables(void)
{
	unsigned long frames[16] = { virt_to_mfn(gdt), 0xfffffffff };

	CHECK_EQ(set_gdt(virt_to_mfn(gdt), FIRST_RESERVED_GDT_ENTRY + 1), -EINVAL);
	CHECK_EQ(set_gdt(virt_to_mfn(gdt), -1), -EINVAL);
	CHECK_EQ(set_gdt(0xfffffffff, 512), -EINVAL);
	CHECK_EQ(hv_set_gdt(frames, 1024), -EINVAL);
	CHECK_EQ(set_gdt(virt_to_mfn((void *)start_info->pt_base), 512), -EINVAL);
	CHECK_EQ(hv_set_gdt(0x1000, 512), -EFAULT);
	/* Refused, so the old table is in use. */
	CHECK_FS(5 << 3 | 3);
	/* The same frame twice, part of a page. */
	frames[1] = frames[0];
	CHECK_EQ(hv_set_gdt(frames, 1024), 0);
	CHECK_FS((512 + 5) << 3 | 3);
	CHECK_NO_TRAP("movw %w0, %%fs", : "r"(0));
	CHECK_EQ(set_gdt(virt_to_mfn(gdt), 6), 0);
	CHECK_FS(5 << 3 | 3);
	CHECK_NO_TRAP("movw %w0, %%fs", : "r"(0));
	/* None: the frame is free for other things. */
	CHECK_EQ(hv_set_gdt(0, 0), 0);
	CHECK_NO_FS(5 << 3 | 3, TRAP_GP);
	CHECK_EQ(map_writable(gdt), 0);
	gdt[5] = DATA3;
}

/* Contents that make the page no descriptor page. */
static void bad_contents(void)
{
	static const struct {
		const char *what;
		uint64_t desc;
		long answer;
		uint64_t becomes;
	} kinds[] = {
		{ "nothing", 0, 0, 0 },
		{ "data ring 3", DATA3, 0, DATA3 },
		{ "data with a base", DATA3_BASED, 0, DATA3_BASED },
		{ "data, absent", DATA3_ABSENT, 0, DATA3_ABSENT },
		{ "data ring 0", DATA0, 0, DATA3 },
		{ "data ring 0, absent", DATA0_ABSENT, 0, DATA0_ABSENT },
		{ "data ring 1", DATA1, 0, DATA3 },
		{ "64-bit code ring 3", CODE3_64, 0, CODE3_64 },
		{ "32-bit code ring 3", CODE3_32, 0, CODE3_32 },
		{ "64-bit code ring 0", CODE0_64, 0, CODE3_64 },
		{ "conforming code ring 0", CONFORMING0, 0, CONFORMING3 },
		{ "call gate", CALL_GATE, 0, CALL_GATE3 },
		{ "TSS", TSS, -EINVAL, 0 },
		{ "LDT", LDT, -EINVAL, 0 },
		{ "trap gate", TRAP_GATE, -EINVAL, 0 },
		{ "absent gate", GATE_ABSENT, 0, GATE_ABSENT },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		gdt[9] = kinds[i].desc;
		CHECK_EQ(map_readonly(gdt), 0);
		if (!CHECK_EQ(set_gdt(virt_to_mfn(gdt), 512), kinds[i].answer))
			print("set_gdt: %s\n", kinds[i].what);
		if (!CHECK_EQ(gdt[9], kinds[i].answer ? kinds[i].desc : kinds[i].becomes))
			print("set_gdt: %s\n", kinds[i].what);
		CHECK_EQ(hv_set_gdt(0, 0), 0);
		CHECK_EQ(map_writable(gdt), 0);
	}
	gdt[9] = 0;
	/* One by one, into the table in use and into an ordinary page. */
	CHECK_EQ(map_readonly(gdt), 0);
	CHECK_EQ(set_gdt(virt_to_mfn(gdt), 512), 0);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!(CHECK_EQ(hv_update_descriptor(virt_to_maddr(&gdt[9]), kinds[i].desc),
			       kinds[i].answer) &
		      CHECK_EQ(hv_update_descriptor(virt_to_maddr(&spare[9]), kinds[i].desc),
			       kinds[i].answer)))
			print("update_descriptor: %s\n", kinds[i].what);
		if (kinds[i].answer == 0)
			CHECK_EQ(gdt[9], kinds[i].becomes);
	}
}

static void update(void)
{
	CHECK_EQ(hv_update_descriptor(virt_to_maddr(&gdt[10]), DATA3), 0);
	CHECK_FS(10 << 3 | 3);
	CHECK_EQ(hv_update_descriptor(virt_to_maddr(&gdt[10]), 0), 0);
	CHECK_NO_TRAP("movw %w0, %%fs", : "r"(0));
	CHECK_NO_FS(10 << 3 | 3, TRAP_GP);
	CHECK_EQ(hv_update_descriptor(virt_to_maddr(&gdt[10]) + 4, DATA3), -EINVAL);
	CHECK_EQ(hv_update_descriptor(0xfffffffffUL << 12, DATA3), -EINVAL);
	/* Not into a page table. */
	CHECK_EQ(hv_update_descriptor(virt_to_maddr((void *)start_info->pt_base), DATA3), -EINVAL);
}

static long set_ldt(volatile void *base, unsigned int entries)
{
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT,
				.arg1.linear_addr = (unsigned long)base,
				.arg2.nr_ents = entries };

	return hv_mmuext_op(&op, 1, 0, DOMID_SELF);
}

static void local_table(void)
{
	ldt[2] = DATA3;
	ldt[3] = DATA3_ABSENT;
	CHECK_EQ(set_ldt(ldt + 1, 512), -EINVAL); /* not on a page boundary */
	CHECK_EQ(set_ldt(ldt, 8193), -EINVAL);
	CHECK_EQ(set_ldt((void *)HYPERVISOR_VIRT_START, 512), -EINVAL);
	/* Pages of an LDT are looked at when one of their selectors is used. */
	CHECK_EQ(set_ldt(ldt, 512), 0);
	CHECK_TRAP(TRAP_PF, 0, "movw %w0, %%fs", : "r"(2 << 3 | 7)); /* mapped writable */
	CHECK_EQ(trap_seen.cr2 & -8UL, &ldt[2]);
	CHECK_EQ(map_readonly(ldt), 0);
	CHECK_FS(2 << 3 | 7);
	CHECK_NO_FS(3 << 3 | 7, TRAP_NP);
	CHECK_EQ(map_writable(ldt), -EBUSY);
	CHECK_EQ(hv_update_descriptor(virt_to_maddr(&ldt[4]), DATA3), 0);
	CHECK_FS(4 << 3 | 7);
	CHECK_NO_TRAP("movw %w0, %%fs", : "r"(0));
	CHECK_EQ(set_ldt(NULL, 0), 0);
	CHECK_NO_FS(2 << 3 | 7, TRAP_GP);
	CHECK_EQ(map_writable(ldt), 0);
}

int test_main(struct start_info *si)
{
	(void)si;
	install();
	bad_tables();
	bad_contents();
	update();
	local_table();
	return 0;
}
