/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An interrupt line takes a device's interrupt to the domains that drive the
 * device, or share its line.
 *
 * A device that uses a level goes on asking until its driver has dealt with it,
 * which we cannot do. So the pin is masked when the interrupt comes, and unmasked
 * when every domain that was told has said that it is done: a domain that never
 * does loses its interrupts and takes no more of anybody's time. Where others
 * share the line they would lose theirs too, so there we wait only so long.
 * Edges and messages come once for each event, and need none of this.
 *
 * Locks: sending an event takes the event lock of its domain, and a domain binds
 * a line with its event lock held. So the handler copies down who is to be told
 * and lets go of the line first. It takes references: a domain may give up the
 * line at that moment, and die.
 *
 * A line's memory is never freed. A message's line is used again, so that a late
 * interrupt may find nobody, or somebody else, who will find nothing to do.
 */
#include <xen/errno.h>

#include "boot/acpi.h"
#include "domain/domain.h"
#include "event/event.h"
#include "irq/ioapic.h"
#include "irq/irq.h"
#include "irq/line.h"
#include "irq/pirq.h"
#include "lib/list.h"
#include "machine.h"
#include "mm/alloc.h"
#include "time/timer.h"

#define MAX_SHARERS 8

/* A domain that does not answer holds up those it shares with for so long. */
#define PATIENCE MILLISECONDS(20)

struct guest {
	struct domain *domain;
	u32 pirq;
	bool told; /* level: has not said that it is done */
};

struct line {
	struct spinlock lock;
	struct msi *msi; /* NULL: a pin */
	u32 gsi;	 /* of the pin */
	u8 vector;	 /* 0: none yet */
	bool level, active_low;
	bool set_up; /* by domain 0 */
	bool share;  /* its guests agree to have it together */
	u8 guests;
	u8 told; /* guests of which it is so */
	u32 cpu;
	struct guest guest[MAX_SHARERS];
	struct timer patience;
	struct list free_link;
};

/* Pins by the number that guests use. */
static struct line *pin_line[MAX_PIRQS];
static struct list free_lines = LIST_INIT(free_lines);

/* The two above. */
static struct spinlock lines_lock = SPINLOCK_INIT;

/* Messages and IO-APIC entries have eight bits for the target. */
static unsigned int cpu_addressable(unsigned int cpu)
{
	return cpus[cpu]->apic_id <= 0xff ? cpu : 0;
}

static void pin_unmask_when_done(struct line *l)
{
	if (l->told == 0 && l->guests)
		ioapic_unmask(l->gsi);
}

/* Timer: whoever has not answered by now is not waited for. */
static void out_of_patience(void *data)
{
	struct line *l = data;

	spin_lock(&l->lock);
	if (l->told) {
		for (unsigned int i = 0; i < l->guests; i++)
			l->guest[i].told = false;
		l->told = 0;
		pin_unmask_when_done(l);
	}
	spin_unlock(&l->lock);
}

/* Level: it stays masked until all are done. Locked. */
static void hold(struct line *l)
{
	ioapic_mask(l->gsi);
	for (unsigned int i = 0; i < l->guests; i++)
		l->guest[i].told = true;
	l->told = l->guests;
	if (l->guests > 1)
		timer_set(&l->patience, now() + PATIENCE);
}

static void line_interrupt(u8 vector, void *data)
{
	struct line *l = data;
	struct guest to[MAX_SHARERS];
	unsigned int n = 0;

	spin_lock(&l->lock);
	if (likely(l->vector == vector)) {
		if (l->level)
			hold(l);
		for (; n < l->guests; n++) {
			to[n] = l->guest[n];
			__atomic_add_fetch(&to[n].domain->references, 1, __ATOMIC_RELAXED);
		}
	}
	spin_unlock(&l->lock);
	for (unsigned int i = 0; i < n; i++) {
		event_send_pirq(to[i].domain, to[i].pirq);
		domain_put(to[i].domain);
	}
}

/* A line, taken from those not in use; lines_lock is held. NULL: out of memory. */
static struct line *line_alloc(void)
{
	struct line *l;

	if (!list_empty(&free_lines)) {
		l = list_first(&free_lines, struct line, free_link);
		list_del(&l->free_link);
		return l;
	}
	l = new(struct line);
	if (l) {
		spin_lock_init(&l->lock);
		list_init(&l->free_link);
		timer_init(&l->patience, out_of_patience, l, 0);
	}
	return l;
}

/*
 * What is known of a pin before domain 0 has interpreted ACPI: ISA interrupts
 * are edges, active high, unless MADT says otherwise; the others PCI's, which are
 * levels, active low.
 */
static void pin_init(struct line *l, u32 number)
{
	u16 flags = 0;

	l->gsi = number;
	l->level = l->active_low = number >= 16;
	if (number < 16) {
		l->gsi = acpi_isa_to_gsi(number, &flags);
		l->level = (flags & ACPI_INTI_TRIGGER) == ACPI_INTI_LEVEL;
		l->active_low = (flags & ACPI_INTI_POLARITY) == ACPI_INTI_ACTIVE_LOW;
	}
}

struct line *line_of_gsi(u32 number)
{
	struct line *l;

	if (number >= min(ioapic_gsi_count(), (u32)MAX_PIRQS))
		return NULL;
	number = index_nospec(number, MAX_PIRQS);
	spin_lock(&lines_lock);
	l = pin_line[number];
	if (!l) {
		l = line_alloc();
		if (l)
			pin_init(l, number);
		pin_line[number] = l;
	}
	spin_unlock(&lines_lock);
	return l;
}

int line_setup_gsi(u32 gsi, bool level, bool active_low)
{
	struct line *l = line_of_gsi(gsi);
	int rc = 0;

	if (!l)
		return -XEN_EINVAL;
	spin_lock(&l->lock);
	if (l->set_up || l->guests) {
		rc = -XEN_EEXIST;
	} else {
		l->level = level;
		l->active_low = active_low;
		l->set_up = true;
	}
	spin_unlock(&l->lock);
	return rc;
}

/* A vector that comes here; 0 or -ENOSPC. */
static int vector_get(struct line *l)
{
	int vector = irq_vector_alloc();

	if (vector < 0)
		return vector;
	l->vector = vector;
	irq_register(vector, line_interrupt, l);
	return 0;
}

/* The handler stays: a late interrupt finds that the vector is no more the line's. */
static void vector_put(struct line *l)
{
	irq_vector_free(l->vector);
	l->vector = 0;
}

int line_create_msi(const struct msi_source *source, struct line **line)
{
	struct line *l;
	int rc;

	spin_lock(&lines_lock);
	l = line_alloc();
	spin_unlock(&lines_lock);
	if (!l)
		return -XEN_ENOMEM;
	spin_lock(&l->lock);
	l->cpu = 0;
	rc = vector_get(l);
	if (rc == 0) {
		rc = msi_create(source, l->vector, l->cpu, &l->msi);
		if (rc)
			vector_put(l);
	}
	spin_unlock(&l->lock);
	if (rc) {
		spin_lock(&lines_lock);
		list_add_tail(&free_lines, &l->free_link);
		spin_unlock(&lines_lock);
		return rc;
	}
	*line = l;
	return 0;
}

void line_destroy_msi(struct line *l)
{
	spin_lock(&l->lock);
	ASSERT(l->guests == 0);
	msi_destroy(l->msi);
	l->msi = NULL;
	vector_put(l);
	spin_unlock(&l->lock);
	spin_lock(&lines_lock);
	list_add_tail(&free_lines, &l->free_link);
	spin_unlock(&lines_lock);
}

bool line_is_msi(const struct line *l)
{
	return READ_ONCE(l->msi) != NULL;
}

u32 line_gsi(const struct line *l)
{
	return l->gsi;
}

/* The first guest: let interrupts come. Locked. */
static int start(struct line *l, unsigned int cpu)
{
	int rc = 0;

	l->cpu = cpu_addressable(cpu);
	if (l->msi) {
		msi_retarget(l->msi, l->cpu);
		msi_unmask(l->msi);
		return 0;
	}
	/* A pin keeps its vector for good, there are not many. */
	if (!l->vector)
		rc = vector_get(l);
	if (rc == 0)
		rc = ioapic_route(l->gsi, l->vector, l->cpu, l->level, l->active_low);
	if (rc == 0)
		ioapic_unmask(l->gsi);
	return rc;
}

/* The last has gone. Locked. */
static void stop(struct line *l)
{
	if (l->msi)
		msi_mask(l->msi);
	else
		ioapic_mask(l->gsi);
}

int line_guest_add(struct line *l, struct domain *d, u32 pirq, bool share, unsigned int cpu)
{
	int rc = 0;

	spin_lock(&l->lock);
	if (l->guests == 0) {
		l->share = share;
		l->told = 0;
		rc = start(l, cpu);
	} else if (!share || !l->share || l->guests == MAX_SHARERS) {
		rc = -XEN_EBUSY;
	}
	if (rc == 0) {
		l->guest[l->guests].domain = d;
		l->guest[l->guests].pirq = pirq;
		l->guest[l->guests++].told = false;
	}
	spin_unlock(&l->lock);
	return rc;
}

static struct guest *guest_find(struct line *l, const struct domain *d)
{
	for (unsigned int i = 0; i < l->guests; i++)
		if (l->guest[i].domain == d)
			return &l->guest[i];
	return NULL;
}

static void done(struct line *l, struct guest *g)
{
	if (!g->told)
		return;
	g->told = false;
	if (--l->told)
		return;
	timer_stop(&l->patience);
	pin_unmask_when_done(l);
}

bool line_guest_remove(struct line *l, const struct domain *d)
{
	struct guest *g;

	spin_lock(&l->lock);
	g = guest_find(l, d);
	if (g) {
		/* Silent first: the one who goes has not served the device. */
		if (l->guests == 1)
			stop(l);
		l->told -= g->told;
		*g = l->guest[--l->guests];
		if (l->level && l->guests && l->told == 0)
			pin_unmask_when_done(l);
		if (l->guests == 0)
			timer_stop(&l->patience);
	}
	spin_unlock(&l->lock);
	return g != NULL;
}

void line_guest_done(struct line *l, const struct domain *d)
{
	struct guest *g;

	spin_lock(&l->lock);
	g = guest_find(l, d);
	if (g)
		done(l, g);
	spin_unlock(&l->lock);
}

void line_retarget(struct line *l, unsigned int cpu)
{
	cpu = cpu_addressable(cpu);
	spin_lock(&l->lock);
	if (l->guests && l->cpu != cpu) {
		l->cpu = cpu;
		if (l->msi)
			msi_retarget(l->msi, cpu);
		else
			ioapic_retarget(l->gsi, cpu);
	}
	spin_unlock(&l->lock);
}

bool line_needs_done(const struct line *l)
{
	return READ_ONCE(l->level);
}

bool line_is_shared(const struct line *l)
{
	return READ_ONCE(l->guests) > 1;
}
