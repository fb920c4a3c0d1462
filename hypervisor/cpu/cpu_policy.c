/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What CPUID tells. The machine's answers are the raw policy. Guests get those
 * features that a paravirtual kernel in ring 3 and its programs can use; they are
 * listed here, so that what a future CPU brings is hidden until somebody has
 * thought about it. Other leaves are passed on, or empty, by the list below.
 *
 * Tools read policies as lists of leaves and may give a domain a list of its own,
 * with less than the machine has; cpuid.c consults it when the domain asks.
 */
#include <xen/errno.h>

#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/cpu_policy.h"
#include "cpu/fpu.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"

/* Leaves beyond these mean nothing to us. */
#define LAST_BASIC 0xdu
#define XEN_BASE 0x40000000u /* places of hypervisors' own leaves; empty in lists */
#define XEN_BASE2 0x40000100u
#define EXTENDED 0x80000000u
#define LAST_EXTENDED 0x80000021u

#define LEAF_CACHES 4
#define LEAF_FEATURES 7
#define LEAF_TOPOLOGY 0xb
#define LEAF_XSAVE 0xd

#define MAX_CACHES 6
#define MAX_FEATURE_LEAVES 2

#define BIT(n) (1u << (n))

/* SDM vol. 2 and APM vol. 3, CPUID: what PV guests may have, by register. */
#define PV_1_EDX                                                                            \
	(BIT(0) /* FPU */ | BIT(2) /* DE */ | BIT(4) /* TSC */ | BIT(5) /* MSR */ |         \
	 BIT(6) /* PAE */ | BIT(7) /* MCE */ | BIT(8) /* CX8 */ | BIT(9) /* APIC */ |       \
	 BIT(14) /* MCA */ | BIT(15) /* CMOV */ | BIT(16) /* PAT */ | BIT(19) /* CLFSH */ | \
	 BIT(22) /* ACPI */ | BIT(23) /* MMX */ | BIT(24) /* FXSR */ | BIT(25) /* SSE */ |  \
	 BIT(26) /* SSE2 */ | BIT(27) /* SS */ | BIT(28) /* HTT */)
#define PV_1_ECX                                                                                  \
	(BIT(0) /* SSE3 */ | BIT(1) /* PCLMULQDQ */ | BIT(9) /* SSSE3 */ | BIT(12) /* FMA */ |    \
	 BIT(13) /* CX16 */ | BIT(19) /* SSE4.1 */ | BIT(20) /* SSE4.2 */ | BIT(22) /* MOVBE */ | \
	 BIT(23) /* POPCNT */ | BIT(25) /* AES */ | BIT(26) /* XSAVE */ | BIT(28) /* AVX */ |     \
	 BIT(29) /* F16C */ | BIT(30) /* RDRAND */ | BIT(31) /* hypervisor */)
#define PV_7_EBX                                                                               \
	(BIT(0) /* FSGSBASE */ | BIT(3) /* BMI1 */ | BIT(4) /* HLE */ | BIT(5) /* AVX2 */ |    \
	 BIT(6) /* FDP_EXCPTN */ | BIT(8) /* BMI2 */ | BIT(9) /* ERMS */ | BIT(11) /* RTM */ | \
	 BIT(13) /* no FPU CS, DS */ | BIT(16) /* AVX512F */ | BIT(17) /* AVX512DQ */ |        \
	 BIT(18) /* RDSEED */ | BIT(19) /* ADX */ | BIT(21) /* AVX512IFMA */ |                 \
	 BIT(23) /* CLFLUSHOPT */ | BIT(24) /* CLWB */ | BIT(26) /* AVX512PF */ |              \
	 BIT(27) /* AVX512ER */ | BIT(28) /* AVX512CD */ | BIT(29) /* SHA */ |                 \
	 BIT(30) /* AVX512BW */ | BIT(31) /* AVX512VL */)
#define PV_7_ECX                                                                                 \
	(BIT(0) /* PREFETCHWT1 */ | BIT(1) /* AVX512VBMI */ | BIT(6) /* VBMI2 */ |               \
	 BIT(8) /* GFNI */ | BIT(9) /* VAES */ | BIT(10) /* VPCLMULQDQ */ | BIT(11) /* VNNI */ | \
	 BIT(12) /* BITALG */ | BIT(14) /* VPOPCNTDQ */ | BIT(25) /* CLDEMOTE */ |               \
	 BIT(27) /* MOVDIRI */ | BIT(28) /* MOVDIR64B */)
#define PV_7_EDX                                                                        \
	(BIT(2) /* 4VNNIW */ | BIT(3) /* 4FMAPS */ | BIT(4) /* FSRM */ |                \
	 BIT(8) /* VP2INTERSECT */ | BIT(10) /* MD_CLEAR */ | BIT(14) /* SERIALIZE */ | \
	 BIT(16) /* TSXLDTRK */ | BIT(23) /* AVX512FP16 */)
#define PV_7_1_EAX                                                               \
	(BIT(4) /* AVX_VNNI */ | BIT(5) /* AVX512_BF16 */ | BIT(10) /* FZRM */ | \
	 BIT(11) /* FSRS */ | BIT(12) /* FSRCS */)
#define PV_D_1_EAX (BIT(0) /* XSAVEOPT */ | BIT(1) /* XSAVEC */ | BIT(2) /* XGETBV1 */)
#define PV_E1_ECX                                                                              \
	(BIT(0) /* LAHF */ | BIT(1) /* CMP legacy */ | BIT(5) /* ABM */ | BIT(6) /* SSE4A */ | \
	 BIT(7) /* MISALIGNSSE */ | BIT(8) /* PREFETCHW */ | BIT(11) /* XOP */ |               \
	 BIT(16) /* FMA4 */ | BIT(21) /* TBM */)
#define PV_E1_EDX                                                                                \
	(BIT(11) /* SYSCALL */ | BIT(20) /* NX */ | BIT(22) /* MMXEXT */ | BIT(25) /* FFXSR */ | \
	 BIT(29) /* LM */ | BIT(30) /* 3DNOWEXT */ | BIT(31) /* 3DNOW */)
#define PV_E7_EDX BIT(8) /* invariant TSC */
#define PV_E8_EBX (BIT(0) /* CLZERO */ | BIT(2) /* RSTR_FP_ERR_PTRS */ | BIT(9) /* WBNOINVD */)
#define PV_E21_EAX (BIT(2) /* LFENCE_DISPATCH */)

#define VIRTUAL_BITS 48

#define ECX_HYPERVISOR BIT(31)
#define ECX_OSXSAVE BIT(27)

static u32 last_basic, last_extended;

void cpu_policy_init(void)
{
	u32 b, c, d;

	cpuid(0, 0, &last_basic, &b, &c, &d);
	cpuid(EXTENDED, 0, &last_extended, &b, &c, &d);
	last_basic = min(last_basic, LAST_BASIC);
	last_extended = last_extended < EXTENDED ? EXTENDED : min(last_extended, LAST_EXTENDED);
}

/* Bytes that XSAVE needs for a set of components (SDM vol. 1, 13.4). */
static u32 xsave_bytes(u64 components)
{
	u32 bytes = 512 + 64, a, b, c, d;

	for (unsigned int i = 2; i < 63; i++) {
		if (!(components >> i & 1))
			continue;
		cpuid(LEAF_XSAVE, i, &a, &b, &c, &d);
		bytes = max(bytes, a + b);
	}
	return bytes;
}

static __noinline void pv_xsave(xen_cpuid_leaf_t *l)
{
	u64 components = fpu_xcr0_mask();

	l->d = 0;
	switch (l->subleaf) {
	case 0:
		/* b, the size of what is switched on now, is the CPU's own answer. */
		l->a &= components;
		l->c = components ? xsave_bytes(components) : 0;
		break;
	case 1:
		l->a &= PV_D_1_EAX;
		l->b = l->c = 0;
		break;
	default:
		if (l->subleaf >= 63 || !(components >> l->subleaf & 1))
			l->a = l->b = l->c = 0;
		break;
	}
}

static __noinline void pv_features7(xen_cpuid_leaf_t *l)
{
	if (l->subleaf == 0) {
		l->a = min(l->a, 1u);
		l->b &= PV_7_EBX & ~(cpu_features.fsgsbase ? 0 : BIT(0));
		l->c &= PV_7_ECX;
		l->d &= PV_7_EDX;
		return;
	}
	l->a = l->subleaf == 1 ? l->a & PV_7_1_EAX : 0;
	l->b = l->c = l->d = 0;
}

static inline void pv_features1(xen_cpuid_leaf_t *l)
{
	/* There is no local APIC: as on Xen, its id is 0 for all VCPUs. */
	l->b &= 0x00ffffff;
	l->c = (l->c & PV_1_ECX) | ECX_HYPERVISOR;
	l->d &= PV_1_EDX;
}

/* From the machine's answer to the guests'. */
static __noinline void pv_leaf(xen_cpuid_leaf_t *l)
{
	switch (l->leaf) {
	case 0:
		l->a = last_basic;
		break;
	case EXTENDED:
		l->a = last_extended;
		break;
	case 1:
		pv_features1(l);
		break;
	case LEAF_FEATURES:
		pv_features7(l);
		break;
	case LEAF_XSAVE:
		pv_xsave(l);
		break;
	case EXTENDED + 1:
		l->c &= PV_E1_ECX;
		l->d &= PV_E1_EDX;
		break;
	case EXTENDED + 7:
		l->a = l->b = l->c = 0;
		l->d &= PV_E7_EDX;
		break;
	case EXTENDED + 8:
		/* Five levels of page tables are not for PV guests. */
		l->a = (l->a & 0xff) | VIRTUAL_BITS << 8;
		l->b &= PV_E8_EBX;
		l->d = 0;
		break;
	case EXTENDED + 0x21:
		l->a &= PV_E21_EAX;
		l->b = l->c = l->d = 0;
		break;
	case 2: /* caches */
	case LEAF_CACHES:
	case EXTENDED + 2: /* the CPU's name */
	case EXTENDED + 3:
	case EXTENDED + 4:
	case EXTENDED + 5: /* caches and TLBs */
	case EXTENDED + 6:
	case EXTENDED + 0x19:
	case EXTENDED + 0x1a:
		break;
	default:
		l->a = l->b = l->c = l->d = 0;
		break;
	}
}

/* The hypervisor's use: as the machine is, without what moves or leads nowhere. */
static void host_leaf(xen_cpuid_leaf_t *l)
{
	switch (l->leaf) {
	case 0:
		l->a = last_basic;
		break;
	case 1:
		l->b &= 0x00ffffff;
		l->c &= ~ECX_OSXSAVE;
		break;
	case 5:
	case 6:
	case LEAF_TOPOLOGY:
		l->a = l->b = l->c = l->d = 0;
		break;
	case LEAF_XSAVE:
		if (l->subleaf == 0)
			l->b = 0;
		break;
	}
}

static bool exists(u32 leaf)
{
	return leaf <= last_basic || (leaf >= EXTENDED && leaf <= last_extended);
}

void cpu_policy_leaf(enum cpu_policy_which which, xen_cpuid_leaf_t *l)
{
	l->a = l->b = l->c = l->d = 0;
	if (!exists(l->leaf))
		return;
	cpuid(l->leaf, l->subleaf == XEN_CPUID_NO_SUBLEAF ? 0 : l->subleaf, &l->a, &l->b, &l->c,
	      &l->d);
	if (which == CPU_POLICY_PV)
		pv_leaf(l);
	else if (which == CPU_POLICY_HOST)
		host_leaf(l);
}

/* Lists. */

/* Subleaves of a leaf; 0: it is a leaf without. */
static u32 subleaves(enum cpu_policy_which which, u32 leaf)
{
	xen_cpuid_leaf_t l = { .leaf = leaf };
	u64 components;

	switch (leaf) {
	case LEAF_CACHES:
		for (; l.subleaf < MAX_CACHES; l.subleaf++) {
			cpu_policy_leaf(which, &l);
			if ((l.a & 31) == 0) /* no more caches; that is an entry, too */
				break;
		}
		return l.subleaf + 1;
	case LEAF_FEATURES:
		cpu_policy_leaf(which, &l);
		return min(l.a, (u32)MAX_FEATURE_LEAVES) + 1;
	case LEAF_TOPOLOGY:
		cpu_policy_leaf(which, &l);
		return l.b ? 2 : 1;
	case LEAF_XSAVE:
		cpu_policy_leaf(which, &l);
		components = l.a | (u64)l.d << 32;
		return components > 3 ? 64 - __builtin_clzll(components & ~(1ull << 63)) : 2;
	default:
		return 0;
	}
}

static u32 leaf_after(u32 leaf)
{
	if (leaf == last_basic)
		return XEN_BASE;
	if (leaf == XEN_BASE)
		return XEN_BASE2;
	if (leaf == XEN_BASE2)
		return EXTENDED;
	return leaf + 1; /* from CPU_POLICY_START to 0, too */
}

static bool system_next(enum cpu_policy_which which, xen_cpuid_leaf_t *l)
{
	if (l->subleaf != XEN_CPUID_NO_SUBLEAF && l->subleaf + 1 < subleaves(which, l->leaf)) {
		l->subleaf++;
	} else {
		if (l->leaf == last_extended)
			return false;
		l->leaf = leaf_after(l->leaf);
		l->subleaf = subleaves(which, l->leaf) ? 0 : XEN_CPUID_NO_SUBLEAF;
	}
	cpu_policy_leaf(which, l);
	/* A size that depends on the moment is no policy. */
	if (which != CPU_POLICY_RAW && l->leaf == LEAF_XSAVE && l->subleaf == 0)
		l->b = 0;
	return true;
}

/* Domains' own. */

static bool same(const xen_cpuid_leaf_t *a, const xen_cpuid_leaf_t *b)
{
	return a->leaf == b->leaf && a->subleaf == b->subleaf;
}

/* The entry for l, or NULL. */
static const xen_cpuid_leaf_t *own_leaf(const struct cpu_policy *p, const xen_cpuid_leaf_t *l)
{
	for (u32 i = 0; i < p->nr_leaves; i++)
		if (same(&p->leaf[i], l))
			return &p->leaf[i];
	return NULL;
}

static __noinline void own_policy_leaf(const struct cpu_policy *p, xen_cpuid_leaf_t *l)
{
	const xen_cpuid_leaf_t *own;
	xen_cpuid_leaf_t key = *l;

	cpu_policy_leaf(CPU_POLICY_PV, l);
	own = own_leaf(p, &key);
	if (!own) {
		key.subleaf = XEN_CPUID_NO_SUBLEAF;
		own = own_leaf(p, &key);
	}
	l->a = own ? own->a : 0;
	/* The size of what is switched on now. */
	if (!own || l->leaf != LEAF_XSAVE || l->subleaf != 0)
		l->b = own ? own->b : 0;
	l->c = own ? own->c : 0;
	l->d = own ? own->d : 0;
}

/* The way of every CPUID that a guest executes: short where it can be. */
void cpu_policy_domain_leaf(const struct domain *d, xen_cpuid_leaf_t *l)
{
	const struct cpu_policy *p = READ_ONCE(d->cpu_policy);

	if (unlikely(p)) {
		own_policy_leaf(p, l);
		return;
	}
	if (unlikely(!exists(l->leaf))) {
		l->a = l->b = l->c = l->d = 0;
		return;
	}
	cpuid(l->leaf, l->subleaf, &l->a, &l->b, &l->c, &l->d);
	if (l->leaf == 1)
		pv_features1(l); /* nearly all that anybody asks for */
	else
		pv_leaf(l);
}

bool cpu_policy_next(enum cpu_policy_which which, const struct domain *d, xen_cpuid_leaf_t *l)
{
	const struct cpu_policy *p = d ? READ_ONCE(d->cpu_policy) : NULL;
	u32 next = 0;

	if (!p)
		return system_next(which, l);
	while (next < p->nr_leaves && !same(&p->leaf[next], l))
		next++;
	/* Not in the list: the start. */
	next = next == p->nr_leaves ? 0 : next + 1;
	if (next == p->nr_leaves)
		return false;
	*l = p->leaf[next];
	return true;
}

/* No more of the feature bits than there are in max, which is for the same leaf. */
static void clamp(xen_cpuid_leaf_t *l, const xen_cpuid_leaf_t *max)
{
	switch (l->leaf) {
	case 0:
	case EXTENDED:
		l->a = min(l->a, max->a);
		break;
	case 1:
	case EXTENDED + 1:
		l->c &= max->c;
		l->d &= max->d;
		break;
	case LEAF_FEATURES:
		l->a = l->subleaf == 0 ? min(l->a, max->a) : l->a & max->a;
		l->b &= max->b;
		l->c &= max->c;
		l->d &= max->d;
		break;
	case LEAF_XSAVE:
		if (l->subleaf <= 1)
			l->a &= max->a;
		break;
	case EXTENDED + 7:
		l->d &= max->d;
		break;
	case EXTENDED + 8:
		l->b &= max->b;
		break;
	case EXTENDED + 0x21:
		l->a &= max->a;
		break;
	}
}

static struct cpu_policy *own_policy(struct domain *d)
{
	xen_cpuid_leaf_t l = CPU_POLICY_START;
	struct cpu_policy *p = d->cpu_policy;

	if (p)
		return p;
	p = new (struct cpu_policy);
	if (!p)
		return NULL;
	while (p->nr_leaves < CPU_POLICY_LEAVES && system_next(CPU_POLICY_PV, &l))
		p->leaf[p->nr_leaves++] = l;
	__atomic_store_n(&d->cpu_policy, p, __ATOMIC_RELEASE);
	return p;
}

int cpu_policy_domain_set(struct domain *d, const xen_cpuid_leaf_t *l)
{
	struct cpu_policy *p = own_policy(d);
	xen_cpuid_leaf_t limit = *l, wanted = *l;

	if (!p)
		return -XEN_ENOMEM;
	cpu_policy_leaf(CPU_POLICY_PV, &limit);
	clamp(&wanted, &limit);
	for (u32 i = 0; i < p->nr_leaves; i++) {
		if (same(&p->leaf[i], l)) {
			p->leaf[i] = wanted;
			return 0;
		}
	}
	/* A leaf that guests do not have: nothing is lost if it says nothing. */
	if ((wanted.a | wanted.b | wanted.c | wanted.d) == 0)
		return 0;
	return -XEN_ERANGE;
}

/* Words of a featureset, in Xen's order. */
static const struct {
	u32 leaf, subleaf;
	enum { EAX, EBX, ECX, EDX } reg;
} feature_words[] = {
	{ 1, 0, EDX },		{ 1, 0, ECX }, { 0x80000001, 0, EDX }, { 0x80000001, 0, ECX },
	{ 0xd, 1, EAX },	{ 7, 0, EBX }, { 7, 0, ECX },	       { 0x80000007, 0, EDX },
	{ 0x80000008, 0, EBX }, { 7, 0, EDX }, { 7, 1, EAX },	       { 0x80000021, 0, EAX },
	{ 7, 1, EBX },		{ 7, 2, EDX }, { 7, 1, ECX },	       { 7, 1, EDX },
	/* 16 and 17: MSR_ARCH_CAPS, which is not offered. Then 80000021.ecx. */
};

void cpu_policy_features(enum cpu_policy_which which, u32 words[CPU_FEATURE_WORDS])
{
	memset(words, 0, CPU_FEATURE_WORDS * sizeof(*words));
	for (unsigned int i = 0; i < ARRAY_SIZE(feature_words); i++) {
		xen_cpuid_leaf_t l = { .leaf = feature_words[i].leaf,
				       .subleaf = feature_words[i].subleaf };
		const u32 *regs = &l.a;

		cpu_policy_leaf(which, &l);
		words[i] = regs[feature_words[i].reg];
	}
}
