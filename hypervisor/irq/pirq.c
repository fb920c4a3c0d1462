/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's physical interrupts: its numbers for interrupt lines (line.c). Few
 * domains have any, so the tables hang here and not at every domain.
 *
 * A number is mapped by the control domain and bound by its owner, which lets the
 * interrupts come. It may lose the number while it is bound: then the port stays,
 * and nothing comes any more.
 *
 * The page of bits, one for each pirq that needs PHYSDEVOP_eoi, is a guest's
 * frame that we hold only while we change a bit. That is rare, and so a domain
 * that gives the frame away or makes something else of it harms itself alone.
 */
#include <xen/errno.h>
#include <xen/physdev.h>

#include "domain/domain.h"
#include "event/event.h"
#include "irq/ioapic.h"
#include "irq/line.h"
#include "irq/pirq.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"

/* Numbers of ISA interrupts are never given to another. */
#define FIRST_FREE_GSI 16

struct pirqs {
	/* Mapping and binding. Inside d's event lock, outside those of lines. */
	struct spinlock lock;
	mfn_t eoi_frame; /* 0: none */
	bool eoi_unmasks;
	bool reserved[MAX_PIRQS];
	bool denied[MAX_PIRQS];	      /* by GSI: was taken away by pirq_permit() */
	struct line *line[MAX_PIRQS]; /* NULL: not mapped */
};

static struct pirqs *tables[MAX_DOMAINS];
static struct spinlock tables_lock = SPINLOCK_INIT;

static struct pirqs *table_of(const struct domain *d)
{
	return READ_ONCE(tables[d->id]);
}

/* The same, made when there is none yet. NULL: out of memory. */
static struct pirqs *table_make(const struct domain *d)
{
	struct pirqs *t;

	spin_lock(&tables_lock);
	t = tables[d->id];
	if (!t) {
		t = new (struct pirqs);
		if (t)
			spin_lock_init(&t->lock);
		__atomic_store_n(&tables[d->id], t, __ATOMIC_RELEASE);
	}
	spin_unlock(&tables_lock);
	return t;
}

/* Lines are never freed, so one may be used that is unmapped meanwhile. */
static struct line *line_get(const struct pirqs *t, unsigned int pirq)
{
	if (!t || pirq >= MAX_PIRQS)
		return NULL;
	return READ_ONCE(t->line[index_nospec(pirq, MAX_PIRQS)]);
}

bool pirq_is_mapped(const struct domain *d, unsigned int pirq)
{
	return line_get(table_of(d), pirq) != NULL;
}

/* Nobody needs a right to a message: whoever has it was given it by its device. */
static bool is_denied(const struct pirqs *t, const struct line *l)
{
	return t && !line_is_msi(l) && READ_ONCE(t->denied[line_gsi(l)]);
}

static void eoi_bit_set(const struct domain *d, const struct pirqs *t, unsigned int pirq,
			bool needed)
{
	mfn_t mfn = READ_ONCE(t->eoi_frame);
	u64 *word, bit = 1ull << (pirq % 64);

	if (!mfn || !frame_get_writable(mfn_to_frame(mfn), d->id))
		return;
	word = (u64 *)map_frame(mfn) + pirq / 64;
	if (needed)
		__atomic_or_fetch(word, bit, __ATOMIC_SEQ_CST);
	else
		__atomic_and_fetch(word, ~bit, __ATOMIC_SEQ_CST);
	frame_put_writable(mfn_to_frame(mfn));
}

int pirq_bind(struct domain *d, unsigned int pirq, u32 port, bool share)
{
	struct pirqs *t = table_of(d);
	struct line *l;
	int rc = -XEN_EPERM;

	if (pirq >= MAX_PIRQS)
		return -XEN_EINVAL;
	if (!t)
		return -XEN_EPERM;
	spin_lock(&t->lock);
	l = line_get(t, pirq);
	if (l && !is_denied(t, l))
		rc = line_guest_add(l, d, pirq, share, d->vcpu[0]->processor);
	if (rc == 0)
		eoi_bit_set(d, t, pirq, line_needs_done(l));
	spin_unlock(&t->lock);
	return rc;
}

void pirq_unbind(struct domain *d, unsigned int pirq)
{
	struct pirqs *t = table_of(d);
	struct line *l;

	if (!t)
		return;
	spin_lock(&t->lock);
	l = line_get(t, pirq);
	if (l && line_guest_remove(l, d))
		eoi_bit_set(d, t, pirq, false);
	spin_unlock(&t->lock);
}

void pirq_eoi(struct domain *d, unsigned int pirq)
{
	struct line *l = line_get(table_of(d), pirq);

	if (l)
		line_guest_done(l, d);
}

void pirq_follow(struct domain *d, unsigned int pirq, const struct vcpu *v)
{
	struct line *l = line_get(table_of(d), pirq);

	if (l)
		line_retarget(l, v->processor);
}

/* A number that is free: of [first, end), or beyond all GSIs. -ENOSPC. */
static int number_find(const struct pirqs *t, bool gsi)
{
	u32 gsis = min(ioapic_gsi_count(), (u32)MAX_PIRQS);
	u32 first = gsi ? FIRST_FREE_GSI : gsis;
	u32 end = gsi ? gsis : MAX_PIRQS;

	for (u32 i = first; i < end; i++)
		if (!t->line[i] && !t->reserved[i])
			return i;
	return -XEN_ENOSPC;
}

/* The number that l is to have when wanted is asked for; locked. */
static int number_for(const struct pirqs *t, int wanted, bool gsi)
{
	if (wanted < 0)
		return number_find(t, gsi);
	if (wanted >= MAX_PIRQS)
		return -XEN_EINVAL;
	wanted = index_nospec(wanted, MAX_PIRQS);
	return t->line[wanted] ? -XEN_EEXIST : wanted;
}

static int number_of(const struct pirqs *t, const struct line *l)
{
	for (u32 i = 0; i < MAX_PIRQS; i++)
		if (t->line[i] == l)
			return i;
	return -1;
}

static void number_give(struct pirqs *t, int number, struct line *l)
{
	t->reserved[number] = false;
	WRITE_ONCE(t->line[number], l);
}

static int map_gsi(struct pirqs *t, struct line *l, int *pirq)
{
	int number = number_of(t, l);

	if (number >= 0) {
		if (*pirq >= 0 && *pirq != number)
			return -XEN_EEXIST;
		*pirq = number;
		return 0;
	}
	number = number_for(t, *pirq, true);
	if (number < 0)
		return number;
	number_give(t, number, l);
	*pirq = number;
	return 0;
}

int pirq_map_gsi(struct domain *d, const struct domain *giver, u32 gsi, int *pirq)
{
	struct pirqs *t = table_make(d);
	struct line *l = line_of_gsi(gsi);
	int rc;

	if (!t)
		return -XEN_ENOMEM;
	if (!l)
		return -XEN_EINVAL;
	if (is_denied(table_of(giver), l))
		return -XEN_EPERM;
	spin_lock(&t->lock);
	rc = map_gsi(t, l, pirq);
	if (rc == 0)
		WRITE_ONCE(t->denied[line_gsi(l)], false);
	spin_unlock(&t->lock);
	return rc;
}

int pirq_permit(struct domain *d, struct domain *giver, unsigned int pirq, bool allow)
{
	struct pirqs *has = table_of(giver), *t;
	struct line *l = line_get(has, pirq);

	if (pirq >= MAX_PIRQS)
		return -XEN_EINVAL;
	if (!l || is_denied(has, l))
		return -XEN_EPERM;
	if (line_is_msi(l))
		return -XEN_EOPNOTSUPP;
	t = table_make(d);
	if (!t)
		return -XEN_ENOMEM;
	WRITE_ONCE(t->denied[line_gsi(l)], !allow);
	return 0;
}

int pirq_map_msi(struct domain *d, const struct msi_source *source, int *pirq)
{
	struct pirqs *t = table_make(d);
	struct line *l;
	int number, rc;

	if (!t)
		return -XEN_ENOMEM;
	spin_lock(&t->lock);
	number = number_for(t, *pirq, false);
	rc = number < 0 ? number : line_create_msi(source, &l);
	if (rc == 0) {
		number_give(t, number, l);
		*pirq = number;
	}
	spin_unlock(&t->lock);
	return rc;
}

/* Locked. */
static void unmap(struct domain *d, struct pirqs *t, unsigned int pirq, struct line *l)
{
	WRITE_ONCE(t->line[pirq], NULL);
	if (line_guest_remove(l, d))
		eoi_bit_set(d, t, pirq, false);
	if (line_is_msi(l))
		line_destroy_msi(l);
}

int pirq_unmap(struct domain *d, unsigned int pirq)
{
	struct pirqs *t = table_of(d);
	struct line *l;

	if (!t || pirq >= MAX_PIRQS)
		return -XEN_EINVAL;
	spin_lock(&t->lock);
	l = line_get(t, pirq);
	if (l)
		unmap(d, t, index_nospec(pirq, MAX_PIRQS), l);
	spin_unlock(&t->lock);
	return l ? 0 : -XEN_EINVAL;
}

int pirq_reserve(struct domain *d, bool gsi, u32 *pirq)
{
	struct pirqs *t = table_make(d);
	int number;

	if (!t)
		return -XEN_ENOMEM;
	spin_lock(&t->lock);
	number = number_find(t, gsi);
	if (number >= 0)
		t->reserved[number] = true;
	spin_unlock(&t->lock);
	if (number < 0)
		return number;
	*pirq = number;
	return 0;
}

u32 pirq_status(struct domain *d, unsigned int pirq)
{
	const struct line *l = line_get(table_of(d), pirq);
	u32 flags = 0;

	/* Before it is bound, how it signals may not have been told yet. */
	if (!l || line_needs_done(l) || !event_pirq_port(d, pirq))
		flags |= XENIRQSTAT_needs_eoi;
	if (l && line_is_shared(l))
		flags |= XENIRQSTAT_shared;
	return flags;
}

int pirq_set_eoi_page(struct domain *d, u64 gfn, bool unmask)
{
	struct pirqs *t;
	int rc = 0;

	if (!mfn_valid(gfn) || !frame_get_writable(mfn_to_frame(gfn), d->id))
		return -XEN_EINVAL;
	frame_put_writable(mfn_to_frame(gfn));
	t = table_make(d);
	if (!t)
		return -XEN_ENOMEM;
	spin_lock(&t->lock);
	if (t->eoi_frame) {
		rc = -XEN_EBUSY;
	} else {
		t->eoi_frame = gfn;
		t->eoi_unmasks = unmask;
	}
	spin_unlock(&t->lock);
	if (rc)
		return rc;
	/* What is bound already. */
	for (unsigned int i = 0; i < MAX_PIRQS; i++) {
		const struct line *l = line_get(t, i);

		if (l && line_needs_done(l) && event_pirq_port(d, i))
			eoi_bit_set(d, t, i, true);
	}
	return 0;
}

bool pirq_eoi_unmasks(const struct domain *d)
{
	const struct pirqs *t = table_of(d);

	return t && READ_ONCE(t->eoi_unmasks);
}

void pirq_domain_destroy(struct domain *d)
{
	struct pirqs *t = table_of(d);

	if (!t)
		return;
	spin_lock(&t->lock);
	for (unsigned int i = 0; i < MAX_PIRQS; i++)
		if (t->line[i])
			unmap(d, t, i, t->line[i]);
	spin_unlock(&t->lock);
	WRITE_ONCE(tables[d->id], NULL);
	heap_free(t);
}
