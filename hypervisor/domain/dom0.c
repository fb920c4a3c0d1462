/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domain 0, from the boot modules: the first is its kernel, the second its ram
 * disk. We lay memory out as the ABI says (include/xen/xen.h, "start of day"):
 * from the virtual base up, contiguous in pfn and mapped,
 *
 *	kernel image | ram disk | p2m list | start_info | page tables | stack
 *
 * then space up to a multiple of 4 MiB, at least 512 KiB of it. A kernel can ask
 * by an ELF note to have the p2m list elsewhere, at an address of its own, and by
 * another to have the ram disk not mapped at all; these then have the pfns behind
 * that region, first the list with the tables that map it, then the ram disk.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "boot/boot_info.h"
#include "boot/cmdline.h"
#include "boot/screen.h"
#include "console/console.h"
#include "cpu/cpu.h"
#include "cpu/guest_mode.h"
#include "cpu/selectors.h"
#include "domain/create.h"
#include "domain/domain.h"
#include "domain/elf.h"
#include "domain/hypercall_page.h"
#include "domain/kernel_image.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/pagetable.h"
#include "mm/paging.h"
#include "sched/sched.h"
#include "time/vtime.h"

static unsigned int opt_max_vcpus;
PARAM_UINT("dom0_max_vcpus", opt_max_vcpus);

/*
 * dom0_mem=[<size>][,min:<size>][,max:<size>]: a negative size means all memory
 * but so much.
 */
struct mem_size {
	u64 bytes;
	bool negative, given;
};
static struct mem_size opt_mem, opt_mem_min, opt_mem_max;

static int parse_dom0_mem(const char *s)
{
	do {
		struct mem_size m = { .given = true }, *to = &opt_mem;

		if (strncmp(s, "min:", 4) == 0) {
			to = &opt_mem_min;
			s += 4;
		} else if (strncmp(s, "max:", 4) == 0) {
			to = &opt_mem_max;
			s += 4;
		}
		if (*s == '-') {
			m.negative = true;
			s++;
		}
		if (!parse_size(&s, &m.bytes))
			return -XEN_EINVAL;
		*to = m;
	} while (*s++ == ',');
	return s[-1] == '\0' ? 0 : -XEN_EINVAL;
}
PARAM_FN("dom0_mem", parse_dom0_mem);

#define INITIAL_ALIGN (4ul << 20)
#define INITIAL_SLACK (512ul << 10)
#define STACK_BYTES PAGE_SIZE
#define RESERVE_MAX (128ul << 20)
#define TABLE_FLAGS (PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY)

/* Virtual addresses of the parts, and where virtual_base is for us. */
struct layout {
	u64 base, image, image_end, initrd, p2m, start_info, tables, stack, end;
	unsigned int nr_tables;
	mfn_t first; /* the initial region is contiguous */
	u64 nr_pages;

	/* The p2m list apart: contiguous too, its page tables at the end. */
	bool p2m_apart;
	mfn_t p2m_first;
	u64 p2m_pfn, p2m_frames;
	/* The ram disk apart. */
	bool initrd_apart;
	u64 initrd_pfn;
};

static void *at(const struct layout *l, u64 va)
{
	return map_frame(l->first) + (va - l->base);
}

static u64 pages_of(const struct mem_size *m, u64 available)
{
	u64 pages = m->bytes >> PAGE_SHIFT;

	if (!m->negative)
		return pages;
	return pages < available ? available - pages : 0;
}

/* The first MiB stays out of use, even where the loader put a module there. */
static bool module_frames(const struct module *m, mfn_t *first, mfn_t *end)
{
	*first = max(m->start, LOW_MEMORY) >> PAGE_SHIFT;
	*end = DIV_ROUND_UP(m->end, PAGE_SIZE);
	return *first < *end;
}

/* How much memory: what the options say, or most of what there is. */
static u64 dom0_pages(const struct module *kernel, const struct module *initrd)
{
	u64 now = frames_free_count() + kernel_image_frames();
	u64 available = now, pages;
	mfn_t first, end;

	/* The modules are free once domain 0 has what is in them. */
	if (module_frames(kernel, &first, &end))
		available += end - first;
	if (initrd && module_frames(initrd, &first, &end))
		available += end - first;
	/* Room for what the hypervisor will need: a sixteenth, at most 128 MiB. */
	available -= min(available / 16, RESERVE_MAX >> PAGE_SHIFT);
	/* And for what it needs until then. */
	available = min(available, now - now / 64);
	pages = opt_mem.given ? pages_of(&opt_mem, available) : available;
	if (opt_mem_min.given)
		pages = max(pages, pages_of(&opt_mem_min, available));
	if (opt_mem_max.given)
		pages = min(pages, pages_of(&opt_mem_max, available));
	return min(pages, available);
}

static unsigned int tables_for(u64 start, u64 end)
{
	unsigned int n = 1;

	for (unsigned int shift = L2_SHIFT; shift <= L4_SHIFT; shift += 9)
		n += ((end - 1) >> shift) - (start >> shift) + 1;
	return n;
}

static u64 p2m_bytes(const struct layout *l)
{
	return ROUND_UP(l->nr_pages * sizeof(u64), PAGE_SIZE);
}

static void plan(struct layout *l, const struct elf_image *elf,
		 const struct module *initrd)
{
	u64 va;

	l->base = elf->virt_base;
	l->image = elf->start - elf->paddr_offset + elf->virt_base;
	l->image_end = elf->end - elf->paddr_offset + elf->virt_base;
	va = ROUND_UP(l->image_end, PAGE_SIZE);
	l->initrd = va;
	l->initrd_apart = initrd && elf->mod_start_pfn;
	if (initrd && !l->initrd_apart)
		va += ROUND_UP(initrd->end - initrd->start, PAGE_SIZE);
	l->p2m_apart = elf->init_p2m != UINT64_MAX;
	l->p2m = l->p2m_apart ? elf->init_p2m : va;
	if (!l->p2m_apart)
		va += p2m_bytes(l);
	l->start_info = va;
	va += PAGE_SIZE;
	l->tables = va;
	/* The tables map themselves: grow until it fits. */
	for (l->nr_tables = 0;;) {
		l->stack = l->tables + l->nr_tables * PAGE_SIZE;
		l->end = ROUND_UP(l->stack + STACK_BYTES + INITIAL_SLACK,
				  INITIAL_ALIGN);
		if (tables_for(l->base, l->end) <= l->nr_tables)
			break;
		l->nr_tables = tables_for(l->base, l->end);
	}
}

static void take_memory(struct domain *d, struct layout *l)
{
	u64 bytes = l->end - l->base, have;
	unsigned int order = 0;
	struct frame *f;

	while (PAGE_SIZE << order < bytes)
		order++;
	f = frames_alloc(order, ALLOC_DIRTY);
	if (!f)
		panic("no %lu MiB of contiguous memory for domain 0's kernel",
		      bytes >> 20);
	l->first = frame_to_mfn(f);
	have = bytes >> PAGE_SHIFT;
	for (u64 i = 0; i < have; i++)
		domain_frame_add(d, &f[i]);
	for (u64 i = have; i < 1ull << order; i++)
		frames_free(&f[i], 0);
	memset(at(l, l->base), 0, bytes);
}

/* Memory for a p2m list that is not in the initial region, and its tables. */
static void take_p2m_memory(struct domain *d, struct layout *l)
{
	unsigned int order = 0;
	struct frame *f;

	l->p2m_frames = (p2m_bytes(l) >> PAGE_SHIFT) +
			tables_for(l->p2m, l->p2m + p2m_bytes(l)) - 1;
	while (1ull << order < l->p2m_frames)
		order++;
	f = frames_alloc(order, ALLOC_DIRTY);
	if (!f)
		panic("no %lu KiB of contiguous memory for domain 0's p2m list",
		      l->p2m_frames << 2);
	l->p2m_first = frame_to_mfn(f);
	l->p2m_pfn = d->tot_pages;
	for (u64 i = 0; i < 1ull << order; i++) {
		if (i >= l->p2m_frames) {
			frames_free(&f[i], 0);
			continue;
		}
		domain_frame_add(d, &f[i]);
		memset(frame_to_virt(&f[i]), 0, PAGE_SIZE);
	}
}

static u64 *p2m_list(const struct layout *l)
{
	return l->p2m_apart ? map_frame(l->p2m_first) : at(l, l->p2m);
}

/* The rest, in the largest blocks there are, and the p2m list over it all. */
static void fill_p2m(struct domain *d, struct layout *l)
{
	u64 *p2m = p2m_list(l);
	u64 pfn = 0;
	unsigned int order = MAX_ORDER;

	while (pfn < (l->end - l->base) >> PAGE_SHIFT) {
		p2m[pfn] = l->first + pfn;
		pfn++;
	}
	for (u64 i = 0; i < l->p2m_frames; i++)
		p2m[pfn++] = l->p2m_first + i;
	while (pfn < l->nr_pages) {
		struct frame *f = NULL;

		if (1ull << order <= l->nr_pages - pfn)
			f = domain_frames_alloc(d, order, ALLOC_DIRTY);
		if (!f) {
			if (order-- == 0)
				panic("out of memory for domain 0");
			continue;
		}
		for (u64 i = 0; i < 1ull << order; i++)
			p2m[pfn++] = frame_to_mfn(f) + i;
	}
	for (u64 i = 0; i < l->nr_pages; i++)
		machine_to_phys[p2m[i]] = i;
}

/* Enter a page into the tables, with new tables from *next on where needed. */
static void map_one(mfn_t l4, u64 va, mfn_t mfn, u64 flags, mfn_t *next)
{
	pte_t *table = map_frame(l4);

	for (unsigned int level = 4; level > 1; level--) {
		pte_t *e = &table[pt_index(va, level)];

		if (!(*e & PTE_PRESENT))
			*e = pte_make((*next)++, TABLE_FLAGS);
		table = map_frame(pte_mfn(*e));
	}
	table[pt_index(va, 1)] = pte_make(mfn, flags);
}

/*
 * Page tables for the initial region: written here as a guest would, then
 * validated like any guest's. The tables themselves are mapped read-only.
 */
static mfn_t build_tables(struct layout *l)
{
	mfn_t l4 = l->first + ((l->tables - l->base) >> PAGE_SHIFT);
	mfn_t next = l4 + 1;

	for (u64 va = l->base; va < l->end; va += PAGE_SIZE) {
		u64 flags = TABLE_FLAGS;

		if (va >= l->tables && va < l->stack)
			flags &= ~PTE_RW;
		map_one(l4, va, l->first + ((va - l->base) >> PAGE_SHIFT),
			flags, &next);
	}
	next = l->p2m_first + (p2m_bytes(l) >> PAGE_SHIFT);
	for (u64 i = 0; l->p2m_apart && i < p2m_bytes(l) >> PAGE_SHIFT; i++)
		map_one(l4, l->p2m + (i << PAGE_SHIFT), l->p2m_first + i,
			TABLE_FLAGS, &next);
	return l4;
}

static void load_initrd(struct layout *l, const struct module *initrd)
{
	const char *from = map_frame(0) + initrd->start;
	u64 bytes = initrd->end - initrd->start;

	if (!l->initrd_apart) {
		memcpy(at(l, l->initrd), from, bytes);
		return;
	}
	l->initrd_pfn = l->p2m_frames + ((l->end - l->base) >> PAGE_SHIFT);
	if (l->initrd_pfn + (bytes >> PAGE_SHIFT) >= l->nr_pages)
		panic("domain 0 has %lu MiB: too little for its ram disk of %lu MiB",
		      l->nr_pages >> 8, bytes >> 20);
	for (u64 done = 0; done < bytes; done += PAGE_SIZE)
		memcpy(map_frame(p2m_list(l)[l->initrd_pfn +
					     (done >> PAGE_SHIFT)]),
		       from + done, min(PAGE_SIZE, bytes - done));
}

static void load_tables(struct vcpu *v, mfn_t l4)
{
	struct domain *d = v->domain;
	int rc;

	spin_lock(&d->mmu_lock);
	/* Two uses: the VCPU's and the pin that guests expect on it. */
	do
		rc = table_get(d, mfn_to_frame(l4), 4);
	while (rc == -ERESTART);
	if (rc == 0)
		rc = table_get(d, mfn_to_frame(l4), 4);
	if (rc)
		panic("domain 0's first page tables are not valid (%d)", rc);
	mfn_to_frame(l4)->type |= FRAME_PINNED;
	spin_unlock(&d->mmu_lock);
	v->kernel_l4 = l4;
	vcpu_load_root(v);
}

static void fill_start_info(struct domain *d, const struct layout *l,
			    const struct module *kernel,
			    const struct module *initrd)
{
	struct start_info *si = at(l, l->start_info);
	struct dom0_vga_console_info *vga = (void *)(si + 1);

	strlcpy(si->magic, "xen-3.0-x86_64p", sizeof(si->magic));
	si->nr_pages = d->tot_pages;
	si->shared_info = d->shared_mfn << PAGE_SHIFT;
	si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
	si->pt_base = l->tables;
	si->nr_pt_frames = l->nr_tables;
	si->mfn_list = l->p2m;
	si->first_p2m_pfn = l->p2m_apart ? l->p2m_pfn :
					   (l->end - l->base) >> PAGE_SHIFT;
	si->nr_p2m_frames = l->p2m_frames;
	if (initrd) {
		si->mod_start = l->initrd_apart ? l->initrd_pfn : l->initrd;
		if (l->initrd_apart)
			si->flags |= SIF_MOD_START_PFN;
		si->mod_len = initrd->end - initrd->start;
	}
	strlcpy((char *)si->cmd_line, boot_without_path(kernel->cmdline),
		sizeof(si->cmd_line));
	if (screen_describe(vga)) {
		si->console.dom0.info_off = sizeof(*si);
		si->console.dom0.info_size = sizeof(*vga);
	}
}

static void free_module(const struct module *m)
{
	mfn_t first, end;

	if (module_frames(m, &first, &end))
		frames_add(first, end);
}

static void create_vcpus(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (!vcpu_create(d, i, i % cpu_count))
			panic("out of memory for domain 0's VCPU %u", i);
}

void dom0_build(void)
{
	const struct module *kernel = &boot_info.module[0], *initrd = NULL;
	struct layout l = { 0 };
	struct elf_image elf;
	struct domain *d;
	struct vcpu *v;
	const void *image;
	const char *error;
	size_t bytes;
	mfn_t l4;

	if (boot_info.nr_modules == 0)
		panic("no kernel for domain 0: the boot loader gave no module");
	if (boot_info.nr_modules > 1)
		initrd = &boot_info.module[1];
	error = kernel_image_unpack(map_frame(0) + kernel->start,
				    kernel->end - kernel->start, &image, &bytes);
	if (!error)
		error = elf_parse(&elf, image, bytes);
	if (error)
		panic("domain 0's kernel '%s': %s", kernel->cmdline, error);

	if (domain_create(0, true,
			  opt_max_vcpus ? min(opt_max_vcpus, MAX_VCPUS + 0u) :
					  cpu_count,
			  &d))
		panic("out of memory for domain 0");
	domain0 = d;
	create_vcpus(d);
	v = d->vcpu[0];

	l.nr_pages = dom0_pages(kernel, initrd);
	plan(&l, &elf, initrd);
	if (l.end - l.base > l.nr_pages << PAGE_SHIFT)
		panic("domain 0 has %lu MiB, its kernel needs %lu MiB to start",
		      l.nr_pages >> 8, (l.end - l.base) >> 20);
	take_memory(d, &l);
	elf_load(&elf, at(&l, l.image));
	kernel_image_free();
	if (l.p2m_apart)
		take_p2m_memory(d, &l);
	fill_p2m(d, &l);
	if (initrd)
		load_initrd(&l, initrd);
	fill_start_info(d, &l, kernel, initrd);
	if (elf.hypercall_page != UINT64_MAX) {
		if (elf.hypercall_page < l.base ||
		    elf.hypercall_page > l.end - PAGE_SIZE)
			panic("domain 0's hypercall page %016lx is not in its image",
			      elf.hypercall_page);
		hypercall_page_fill(at(&l, elf.hypercall_page));
	}
	for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		d->shared->vcpu_info[i].evtchn_upcall_mask = 1;
	l4 = build_tables(&l);
	load_tables(v, l4);
	machine_to_phys[d->shared_mfn] = UINT64_MAX;
	if (opt_mem_max.given)
		d->max_pages = max(pages_of(&opt_mem_max, frames_free_count()),
				   d->tot_pages);

	v->regs.rip = elf.entry;
	v->regs.rsi = l.start_info;
	v->regs.rsp = l.stack + STACK_BYTES;
	v->regs.cs = GUEST_CS64;
	v->regs.ss = GUEST_DS;
	v->regs.rflags = RFLAGS_IF | RFLAGS_MBS;
	v->kernel_ss = GUEST_DS;
	v->kernel_sp = v->regs.rsp;
	v->initialised = true;
	vtime_update_wallclock(d);

	log_info("Domain 0: %lu MiB, %u VCPUs; kernel at %016lx, entry %016lx",
		 d->tot_pages >> 8, d->max_vcpus, l.image, elf.entry);
	free_module(kernel);
	if (initrd)
		free_module(initrd);
	console_end_boot();
	sched_vcpu_up(v);
	domain_unpause(d);
}
