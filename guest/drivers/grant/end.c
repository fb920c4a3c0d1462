// SPDX-License-Identifier: GPL-2.0
/*
 * The end of access to a page. The other domain may have it mapped still, and can then
 * read or write it, so that neither the page nor the reference may be used for
 * anything else. Those wait in a list that is gone through once a second.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <asm/xen/page.h>
#include <xen/page.h>

#include "grant.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "grant_table."

/* A reference that is in use, and the page, of which we have a reference count. */
struct held {
	struct list_head entry;
	grant_ref_t ref;
	struct page *page;
	bool told;
};

static void try_held(struct timer_list *timer);

static LIST_HEAD(held_refs);
static DEFINE_SPINLOCK(held_lock);
static DEFINE_TIMER(held_timer, try_held);

/* How many of them are tried each second. */
static unsigned int free_per_iteration = 10;
module_param(free_per_iteration, uint, 0600);

/* 1: access is over; 0: the other domain still uses the page. Any context. */
int gnttab_end_foreign_access_ref(grant_ref_t ref)
{
	return grant_revoke(ref);
}
EXPORT_SYMBOL_GPL(gnttab_end_foreign_access_ref);

int gnttab_try_end_foreign_access(grant_ref_t ref)
{
	if (!grant_revoke(ref))
		return 0;
	gnttab_free_grant_reference(ref);
	return 1;
}
EXPORT_SYMBOL_GPL(gnttab_try_end_foreign_access);

static void try_held(struct timer_list *timer)
{
	unsigned int left = READ_ONCE(free_per_iteration) ?: 1;
	struct held *held, *next;
	LIST_HEAD(still);
	unsigned long flags;

	spin_lock_irqsave(&held_lock, flags);
	list_for_each_entry_safe(held, next, &held_refs, entry) {
		if (!left--)
			break;
		if (gnttab_try_end_foreign_access(held->ref)) {
			list_del(&held->entry);
			if (held->page)
				put_page(held->page);
			kfree(held);
			continue;
		}
		if (!held->told)
			pr_info("xen: grant %u is still in use by another domain\n", held->ref);
		held->told = true;
		list_move_tail(&held->entry, &still);
	}
	/* Those that were tried go behind those that were not. */
	list_splice_tail(&still, &held_refs);
	if (!list_empty(&held_refs))
		mod_timer(&held_timer, jiffies + HZ);
	spin_unlock_irqrestore(&held_lock, flags);
}

static void hold(grant_ref_t ref, struct page *page)
{
	struct held *held = kmalloc(sizeof(*held), GFP_ATOMIC);
	unsigned long flags;

	if (!held) {
		pr_warn("xen: grant %u is in use by another domain, and it and its page are lost\n",
			ref);
		return;
	}
	held->ref = ref;
	held->page = page;
	held->told = false;
	spin_lock_irqsave(&held_lock, flags);
	list_add_tail(&held->entry, &held_refs);
	if (!timer_pending(&held_timer))
		mod_timer(&held_timer, jiffies + HZ);
	spin_unlock_irqrestore(&held_lock, flags);
}

/*
 * @page's reference count becomes ours, and is given back when access is over; without
 * @page we take one of our own for as long. Any context.
 */
void gnttab_end_foreign_access(grant_ref_t ref, struct page *page)
{
	unsigned long pfn;

	if (gnttab_try_end_foreign_access(ref)) {
		if (page)
			put_page(page);
		return;
	}
	if (!page) {
		pfn = gfn_to_pfn(grant_frame_of(ref));
		if (pfn_valid(pfn)) {
			page = pfn_to_page(pfn);
			get_page(page);
		}
	}
	hold(ref, page);
}
EXPORT_SYMBOL_GPL(gnttab_end_foreign_access);
