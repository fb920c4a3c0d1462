/*
 * What a kernel finds when it starts: registers, the start info page, the
 * order of things in the initial mapping, the list of frames, page tables.
 *
 * The runner gives every guest the same command line.
 */
#include "test.h"
#include "mm.h"

#define CMDLINE "root=/dev/none quiet"

extern char image_start[], image_end[];

static unsigned long page_up(unsigned long at)
{
	return (at + PAGE_SIZE - 1) & -PAGE_SIZE;
}

static void registers(struct start_info *si)
{
	struct entry_state *s = &entry_state;

	CHECK_EQ(s->rsi, si);
	CHECK_EQ(s->rflags, 0x202);
	CHECK_EQ(s->rsp % PAGE_SIZE, 0);
	CHECK_EQ(s->rax | s->rbx | s->rcx | s->rdx | s->rdi | s->rbp, 0);
	CHECK_EQ(s->r8 | s->r9 | s->r10 | s->r11 | s->r12 | s->r13 | s->r14 | s->r15, 0);
	CHECK_EQ(s->cs, FLAT_KERNEL_CS);
	CHECK_EQ(s->ss, FLAT_KERNEL_SS);
	CHECK_EQ(s->ds, 0);
	CHECK_EQ(s->es, 0);
	CHECK_EQ(s->fs, 0);
	CHECK_EQ(s->gs, 0);
}

static void info_page(struct start_info *si)
{
	CHECK(!strncmp(si->magic, "xen-3.0-x86_64", 14));
	CHECK_EQ(si->nr_pages, 64 << 20 >> 12); /* dom0_mem=64M */
	CHECK_EQ(si->flags & ~SIF_PM_MASK, SIF_PRIVILEGED | SIF_INITDOMAIN);
	CHECK_EQ(si->store_mfn, 0);
	CHECK_EQ(si->store_evtchn, 0);
	/* Of a screen in text mode dom0 is told in the same page, behind the start info. */
	if (si->console.dom0.info_size)
		CHECK_EQ(si->console.dom0.info_off, sizeof(*si));
	CHECK(si->console.dom0.info_off + si->console.dom0.info_size <= PAGE_SIZE);
	CHECK_EQ(si->mod_start, 0);
	CHECK_EQ(si->mod_len, 0);
	CHECK_EQ(si->nr_p2m_frames, 0); /* no note asks for a p2m elsewhere */
	if (!CHECK(!strcmp((char *)si->cmd_line, CMDLINE)))
		print("command line: '%s'\n", (char *)si->cmd_line);
}

/* Image, p2m, start info, page tables, stack: in this order, packed. */
static void layout(struct start_info *si)
{
	unsigned long at = page_up((unsigned long)image_end);
	unsigned long end = VIRT_BASE;

	CHECK_EQ(si->mfn_list, at);
	at = page_up(at + si->nr_pages * sizeof(long));
	CHECK_EQ(si, at);
	at += PAGE_SIZE;
	CHECK_EQ(si->pt_base, at);
	at += si->nr_pt_frames * PAGE_SIZE;
	CHECK_EQ(entry_state.rsp, at + PAGE_SIZE);
	at += PAGE_SIZE;

	/* Mapped without holes to a 4 MB boundary, 512 kB or more behind the stack. */
	while (mapped_mfn((void *)end)) {
		/* All but the page where the library mapped the shared info. */
		if (end != (unsigned long)shared_info &&
		    !CHECK_EQ(mapped_mfn((void *)end), p2m[virt_to_pfn((void *)end)]))
			break;
		end += PAGE_SIZE;
	}
	CHECK_EQ(end % (4 << 20), 0);
	CHECK(end >= at + (512 << 10));
	CHECK(!pt_entry((void *)end, 1) || !*pt_entry((void *)end, 1));
	/* What was not loaded is zero. */
	for (; at < end; at += sizeof(long))
		if (!CHECK_EQ(*(unsigned long *)at, 0))
			break;
}

/* The whole list: the machine's table agrees, so no frame is in it twice. */
static void frames(struct start_info *si)
{
	unsigned long pfn, wrong = 0;

	for (pfn = 0; pfn < si->nr_pages; pfn++)
		wrong += m2p[p2m[pfn]] != pfn;
	CHECK_EQ(wrong, 0);
}

static void page_tables(struct start_info *si)
{
	uint64_t *l4 = (uint64_t *)si->pt_base, entry;
	unsigned long i, writable;
	int level;

	/* The page tables themselves are mapped read-only, all else writable. */
	for (i = 0; i < si->nr_pt_frames; i++)
		CHECK_EQ(*pt_entry((char *)l4 + i * PAGE_SIZE, 1) & (PTE_P | PTE_W), PTE_P);
	for (i = VIRT_BASE, writable = 0; mapped_mfn((void *)i); i += PAGE_SIZE)
		writable += !!(*pt_entry((void *)i, 1) & PTE_W);
	CHECK_EQ(writable, (i - VIRT_BASE) / PAGE_SIZE - si->nr_pt_frames);
	/* Four levels of 4 kB pages; ring 3 may use them, and execute. */
	for (level = 4; level >= 1; level--) {
		entry = *pt_entry(image_start, level);
		CHECK_EQ(entry & (PTE_P | PTE_W | PTE_U | PTE_NX), PTE_P | PTE_W | PTE_U);
		CHECK_EQ(level > 1 ? entry & PTE_PS : 0, 0);
	}
	/* Only one of the guest's slots is used; 256 to 271 are not the guest's. */
	for (i = 0; i < 511; i++)
		if (i < 256 || i > 271)
			CHECK_EQ(l4[i], 0);
	for (i = 1; i < 510; i++)
		CHECK_EQ(pt_entry((void *)(VIRT_BASE & -(1UL << 39)), 3)[i], 0);
}

/* Nothing is pending, no port is masked, every VCPU has its upcalls masked. */
static void shared(void)
{
	struct shared_info *s = shared_info;
	struct vcpu_info *v;
	int i;

	for (i = 0; i < XEN_LEGACY_MAX_VCPUS; i++) {
		v = &s->vcpu_info[i];
		CHECK_EQ(v->evtchn_upcall_pending, 0);
		CHECK_EQ(v->evtchn_upcall_mask, 1);
		CHECK_EQ(v->evtchn_pending_sel, 0);
		CHECK_EQ(v->arch.cr2, 0);
	}
	for (i = 0; i < 64; i++) {
		CHECK_EQ(s->evtchn_pending[i], 0);
		CHECK_EQ(s->evtchn_mask[i], 0);
	}
	v = &s->vcpu_info[0];
	CHECK(v->time.version && v->time.version % 2 == 0);
	CHECK(v->time.system_time && v->time.tsc_timestamp && v->time.tsc_to_system_mul);
	CHECK(s->wc_version && s->wc_version % 2 == 0);
	CHECK(s->wc_sec > 1500000000 || s->wc_sec_hi); /* later than 2017 */
	CHECK_EQ(s->arch.max_pfn, 0);
	CHECK_EQ(s->arch.pfn_to_mfn_frame_list_list, 0);
	CHECK_EQ(s->arch.nmi_reason, 0);
	CHECK_EQ(s->arch.p2m_cr3, 0);
	CHECK_EQ(s->arch.p2m_vaddr, 0);
	CHECK_EQ(s->arch.p2m_generation, 0);
}

int test_main(struct start_info *si)
{
	registers(si);
	info_page(si);
	layout(si);
	frames(si);
	page_tables(si);
	shared();
	return 0;
}
