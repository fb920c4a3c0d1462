// SPDX-License-Identifier: GPL-2.0
/*
 * The balloon: pages of this domain that have no frame behind them. It grows when the
 * domain is to have less memory, by pages that Linux does not use; and shrinks as far as
 * the hypervisor has frames to give; when it is empty and the domain may have more, Linux
 * is told of more memory (hotadd.c). Pages of the balloon are lent, too, to be places where
 * other domains' frames are mapped (xen_alloc_ballooned_pages()).
 *
 * One worker changes the size; the mutex is held by whoever changes anything.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <asm/xen/page.h>
#include <xen/balloon.h>
#include <xen/interface/memory.h>
#include <xen/mem-reservation.h>
#include <xen/page.h>
#include <xen/xen.h>

#include "balloon.h"

#define BATCH	(PAGE_SIZE / sizeof(xen_pfn_t))

/* In pages; current is what the domain has, target what it is to have. */
struct balloon_stats balloon_stats = {
	.schedule_delay = 1,
	.max_schedule_delay = 32,
	.retry_count = 1,
	.max_retry_count = RETRY_UNLIMITED,
};
EXPORT_SYMBOL_GPL(balloon_stats);

static LIST_HEAD(balloon);
static DEFINE_MUTEX(balloon_mutex);
static xen_pfn_t frames[BATCH];
static struct page *batch[BATCH];

static void change_size(struct work_struct *work);
static DECLARE_DELAYED_WORK(worker, change_size);

static void put_in(struct page *page)
{
	__SetPageOffline(page);
	list_add(&page->lru, &balloon);
	balloon_stats.balloon_low++;
}

static struct page *take_out(void)
{
	struct page *page = list_first_entry_or_null(&balloon, struct page, lru);

	if (!page)
		return NULL;
	list_del(&page->lru);
	__ClearPageOffline(page);
	balloon_stats.balloon_low--;
	return page;
}

/* Fill up to @count pages of the balloon, and give them to Linux. Returns how many. */
static unsigned long deflate(unsigned long count)
{
	unsigned long i, got = 0, n;
	int ret;

	count = min3(count, (unsigned long)BATCH, balloon_stats.balloon_low);
	for (n = 0; n < count; n++) {
		batch[n] = take_out();
		frames[n] = page_to_pfn(batch[n]);
	}
	if (n) {
		ret = xenmem_reservation_increase(n, frames);
		got = ret < 0 ? 0 : ret;
	}
	__xenmem_reservation_va_mapping_update(got, batch, frames);
	for (i = 0; i < got; i++) {
		xenmem_reservation_scrub_page(batch[i]);
		adjust_managed_page_count(batch[i], 1);
		__free_page(batch[i]);
	}
	for (; i < n; i++)
		put_in(batch[i]);
	balloon_stats.current_pages += got;
	return got;
}

/* Take up to @count pages from Linux, and give their frames back. Returns how many. */
static unsigned long inflate(unsigned long count)
{
	unsigned long i, n;

	count = min_t(unsigned long, count, BATCH);
	for (n = 0; n < count; n++) {
		batch[n] = alloc_page(GFP_HIGHUSER | __GFP_NOWARN | __GFP_NORETRY |
				      __GFP_NOMEMALLOC);
		if (!batch[n])
			break;
		adjust_managed_page_count(batch[n], -1);
		xenmem_reservation_scrub_page(batch[n]);
		frames[n] = xen_page_to_gfn(batch[n]);
	}
	if (!n)
		return 0;
	__xenmem_reservation_va_mapping_reset(n, batch);
	/* They are ours and nobody maps them. */
	if (xenmem_reservation_decrease(n, frames) != n)
		BUG();
	for (i = 0; i < n; i++)
		put_in(batch[i]);
	balloon_stats.current_pages -= n;
	return n;
}

/* How many pages the domain is to get (or to lose, negative). */
static long missing(void)
{
	long more = balloon_stats.target_pages - balloon_stats.current_pages;

	return min(more, (long)balloon_stats.balloon_low);
}

/*
 * How many pages the domain is to have, and may, that there are no struct pages for. Room
 * that is being used for other domains' frames is room all the same.
 */
static unsigned long missing_room(void)
{
	domid_t self = DOMID_SELF;
	long allowed = HYPERVISOR_memory_op(XENMEM_maximum_reservation, &self);
	unsigned long target = min(balloon_stats.target_pages, (unsigned long)max(allowed, 0L));

	return target > balloon_stats.total_pages ? target - balloon_stats.total_pages : 0;
}

/* It could not be done; again in a while, which gets longer. */
static void retry_later(void)
{
	struct balloon_stats *s = &balloon_stats;

	if (s->max_retry_count != RETRY_UNLIMITED && s->retry_count >= s->max_retry_count) {
		pr_info("xen_balloon: %lu of %lu pages, and no more to be had\n",
			s->current_pages, s->target_pages);
		s->retry_count = 1;
		s->schedule_delay = 1;
		return;
	}
	s->retry_count++;
	schedule_delayed_work(&worker, s->schedule_delay * HZ);
	s->schedule_delay = min(s->schedule_delay * 2, s->max_schedule_delay);
}

static void change_size(struct work_struct *work)
{
	unsigned long done = 1, room;
	long more;
	int ret;

	mutex_lock(&balloon_mutex);
	room = missing_room();
	if (room) {
		mutex_unlock(&balloon_mutex);
		ret = balloon_hot_add(room);
		if (ret)
			pr_info_ratelimited("xen_balloon: no room for %lu more pages: %d\n",
					    room, ret);
		mutex_lock(&balloon_mutex);
	}
	while (done && (more = missing()) != 0) {
		done = more > 0 ? deflate(more) : inflate(-more);
		mutex_unlock(&balloon_mutex);
		cond_resched();
		mutex_lock(&balloon_mutex);
	}
	if (missing()) {
		retry_later();
	} else {
		balloon_stats.retry_count = 1;
		balloon_stats.schedule_delay = 1;
	}
	mutex_unlock(&balloon_mutex);
}

/* The domain is to have @target pages. It comes to that in the background. */
void balloon_set_new_target(unsigned long target)
{
	balloon_stats.target_pages = target;
	mod_delayed_work(system_wq, &worker, 0);
}
EXPORT_SYMBOL_GPL(balloon_set_new_target);

/*
 * Lend @count pages that have no frame behind them. The domain has as many fewer where
 * the balloon has not enough. Returns 0 or -ENOMEM. May sleep.
 */
int xen_alloc_ballooned_pages(unsigned int count, struct page **pages)
{
	unsigned int n;

	mutex_lock(&balloon_mutex);
	balloon_stats.target_unpopulated += count;
	for (n = 0; n < count; n++) {
		pages[n] = take_out();
		if (!pages[n]) {
			if (!inflate(count - n))
				break;
			pages[n] = take_out();
		}
	}
	mutex_unlock(&balloon_mutex);
	if (n == count)
		return 0;
	balloon_stats.target_unpopulated -= count - n;
	xen_free_ballooned_pages(n, pages);
	return -ENOMEM;
}
EXPORT_SYMBOL(xen_alloc_ballooned_pages);

/* They come back, with nothing behind them. */
void xen_free_ballooned_pages(unsigned int count, struct page **pages)
{
	unsigned int i;

	mutex_lock(&balloon_mutex);
	for (i = 0; i < count; i++)
		put_in(pages[i]);
	balloon_stats.target_unpopulated -= count;
	mutex_unlock(&balloon_mutex);
	if (missing())
		schedule_delayed_work(&worker, 0);
}
EXPORT_SYMBOL(xen_free_ballooned_pages);

void balloon_add(struct page *page, unsigned long count)
{
	mutex_lock(&balloon_mutex);
	balloon_stats.total_pages += count;
	for (; count; count--, page++) {
		ClearPageReserved(page);
		init_page_count(page);
		put_in(page);
	}
	mutex_unlock(&balloon_mutex);
}

static int __init balloon_init(void)
{
	unsigned int i;

	if (!xen_pv_domain())
		return -ENODEV;
	balloon_stats.current_pages = min(xen_start_info->nr_pages - xen_released_pages,
					  max_pfn);
	balloon_stats.target_pages = balloon_stats.current_pages;
	balloon_stats.total_pages = balloon_stats.current_pages;
	/* What the domain may grow by has struct pages from the start. */
	for (i = 0; i < XEN_EXTRA_MEM_MAX_REGIONS; i++)
		if (xen_extra_mem[i].n_pfns)
			balloon_add(pfn_to_page(xen_extra_mem[i].start_pfn),
				    xen_extra_mem[i].n_pfns);
	balloon_hot_add_init();
	/* What domain 0 had where the machine has no memory, it gets elsewhere. */
	if (xen_released_pages)
		balloon_set_new_target(min(xen_start_info->nr_pages,
					   balloon_stats.total_pages));
	xen_balloon_init();
	return 0;
}
subsys_initcall(balloon_init);
