// SPDX-License-Identifier: GPL-2.0
/*
 * Which grant references are free. They are a list, from which reservations are taken;
 * a reservation is a list of its owner's, ended by NO_REF, that the owner takes from
 * and gives back to without a lock. For ranges there is a bit for each reference.
 *
 * When there are not enough the table grows by whole frames.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "grant.h"

#define NO_REF INVALID_GRANT_REF

/* The list that a free or reserved reference is in; prev is for free ones alone. */
struct link {
	grant_ref_t next, prev;
};

static DEFINE_SPINLOCK(refs_lock); /* all of this, and growth; interrupts off */
static struct link *links;
static unsigned long *free_refs; /* a bit is set for each free reference */
static grant_ref_t first_free = NO_REF;
static unsigned int nr_free;
static struct gnttab_free_callback *waiting; /* for enough free ones */

static void add_free(grant_ref_t ref)
{
	links[ref].prev = NO_REF;
	links[ref].next = first_free;
	if (first_free != NO_REF)
		links[first_free].prev = ref;
	first_free = ref;
	__set_bit(ref, free_refs);
	nr_free++;
}

static void remove_free(grant_ref_t ref)
{
	struct link link = links[ref];

	if (link.prev == NO_REF)
		first_free = link.next;
	else
		links[link.prev].next = link.next;
	if (link.next != NO_REF)
		links[link.next].prev = link.prev;
	__clear_bit(ref, free_refs);
	nr_free--;
}

/* Call those for whom there is enough now. With refs_lock. */
static void call_waiting(void)
{
	struct gnttab_free_callback **link = &waiting, *callback;

	while ((callback = *link)) {
		if (nr_free < callback->count) {
			link = &callback->next;
			continue;
		}
		*link = callback->next;
		callback->next = NULL;
		callback->fn(callback->arg);
	}
}

/* Make at least @count free, by growing if need be. With refs_lock. -ENOSPC. */
static int want(unsigned int count)
{
	unsigned int old = grants_now(), frames;
	grant_ref_t ref;

	if (nr_free >= count)
		return 0;
	frames = DIV_ROUND_UP(old + count - nr_free, grants_per_frame());
	if (frames > gnttab_max_grant_frames() || grants_grow(frames))
		return -ENOSPC;
	/* The lowest come first. */
	for (ref = grants_now(); ref-- > old;)
		add_free(ref);
	call_waiting();
	return nr_free >= count ? 0 : -ENOSPC;
}

/* Once, when the table has its first frames. -ENOMEM. */
int __init grants_init(void)
{
	unsigned int max = gnttab_max_grant_frames() * grants_per_frame();
	grant_ref_t ref;

	links = kvmalloc_array(max, sizeof(*links), GFP_KERNEL);
	free_refs = kvcalloc(BITS_TO_LONGS(max), sizeof(*free_refs), GFP_KERNEL);
	if (!links || !free_refs) {
		kvfree(links);
		kvfree(free_refs);
		return -ENOMEM;
	}
	for (ref = grants_now(); ref-- > GRANT_FIRST;)
		add_free(ref);
	return 0;
}

/* Reserve @count references; -ENOSPC: there are not as many. Any context. */
int gnttab_alloc_grant_references(u16 count, grant_ref_t *head)
{
	unsigned long flags;
	grant_ref_t ref;
	int err;

	*head = NO_REF;
	spin_lock_irqsave(&refs_lock, flags);
	err = want(count);
	for (; !err && count; count--) {
		ref = first_free;
		remove_free(ref);
		links[ref].next = *head;
		*head = ref;
	}
	spin_unlock_irqrestore(&refs_lock, flags);
	return err;
}
EXPORT_SYMBOL_GPL(gnttab_alloc_grant_references);

/* Reserve @count references in a row from *@first on. */
int gnttab_alloc_grant_reference_seq(unsigned int count, grant_ref_t *first)
{
	unsigned long flags, start, end;
	int err = 0;

	spin_lock_irqsave(&refs_lock, flags);
	for (start = GRANT_FIRST;; start = end + 1) {
		start = find_next_bit(free_refs, grants_now(), start);
		end = find_next_zero_bit(free_refs,
					 min_t(unsigned long, grants_now(), start + count), start);
		if (end - start >= count)
			break;
		/* The last row may go on in what is new. */
		if (end >= grants_now()) {
			err = want(nr_free + count - (end - start));
			if (err)
				break;
			end = start - 1;
		}
	}
	if (!err) {
		*first = start;
		while (count--)
			remove_free(start++);
	}
	spin_unlock_irqrestore(&refs_lock, flags);
	return err;
}
EXPORT_SYMBOL_GPL(gnttab_alloc_grant_reference_seq);

/* Give back references without access. Any context. */

void gnttab_free_grant_reference_seq(grant_ref_t first, unsigned int count)
{
	unsigned long flags;

	spin_lock_irqsave(&refs_lock, flags);
	while (count)
		add_free(first + --count);
	call_waiting();
	spin_unlock_irqrestore(&refs_lock, flags);
}
EXPORT_SYMBOL_GPL(gnttab_free_grant_reference_seq);

void gnttab_free_grant_reference(grant_ref_t ref)
{
	gnttab_free_grant_reference_seq(ref, 1);
}
EXPORT_SYMBOL_GPL(gnttab_free_grant_reference);

/* All that is left of a reservation. */
void gnttab_free_grant_references(grant_ref_t head)
{
	unsigned long flags;
	grant_ref_t next;

	spin_lock_irqsave(&refs_lock, flags);
	for (; head != NO_REF; head = next) {
		next = links[head].next;
		add_free(head);
	}
	call_waiting();
	spin_unlock_irqrestore(&refs_lock, flags);
}
EXPORT_SYMBOL_GPL(gnttab_free_grant_references);

/* Reservations, which their owners guard. */

int gnttab_empty_grant_references(const grant_ref_t *head)
{
	return *head == NO_REF;
}
EXPORT_SYMBOL_GPL(gnttab_empty_grant_references);

/* Take one; -ENOSPC: none is left. */
int gnttab_claim_grant_reference(grant_ref_t *head)
{
	grant_ref_t ref = *head;

	if (ref == NO_REF)
		return -ENOSPC;
	*head = links[ref].next;
	return ref;
}
EXPORT_SYMBOL_GPL(gnttab_claim_grant_reference);

void gnttab_release_grant_reference(grant_ref_t *head, grant_ref_t ref)
{
	links[ref].next = *head;
	*head = ref;
}
EXPORT_SYMBOL_GPL(gnttab_release_grant_reference);

/*
 * Call @fn(@arg), once, when there are @count free references: now or when some are
 * given back. It runs with a lock held and must not call anything of this. A callback
 * that waits already is left as it is.
 */
void gnttab_request_free_callback(struct gnttab_free_callback *callback, void (*fn)(void *),
				  void *arg, u16 count)
{
	struct gnttab_free_callback *other;
	unsigned long flags;

	spin_lock_irqsave(&refs_lock, flags);
	for (other = waiting; other && other != callback; other = other->next)
		;
	if (!other) {
		callback->fn = fn;
		callback->arg = arg;
		callback->count = count;
		callback->next = waiting;
		waiting = callback;
		call_waiting();
	}
	spin_unlock_irqrestore(&refs_lock, flags);
}
EXPORT_SYMBOL_GPL(gnttab_request_free_callback);

void gnttab_cancel_free_callback(struct gnttab_free_callback *callback)
{
	struct gnttab_free_callback **link;
	unsigned long flags;

	spin_lock_irqsave(&refs_lock, flags);
	for (link = &waiting; *link; link = &(*link)->next) {
		if (*link == callback) {
			*link = callback->next;
			break;
		}
	}
	spin_unlock_irqrestore(&refs_lock, flags);
}
EXPORT_SYMBOL_GPL(gnttab_cancel_free_callback);
