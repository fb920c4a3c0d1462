// SPDX-License-Identifier: GPL-2.0
/*
 * Pages at which foreign ones are mapped: they have a struct page and an address, but
 * no memory (balloon). And what is granted of a buffer, page by page.
 */
#include <linux/list.h>
#include <linux/mm.h>
#include <xen/balloon.h>
#include <xen/page.h>
#include <xen/xen.h>

#include "grant.h"

/* Their page->private is for the domain and the reference. Cannot fail on 64 bits. */
int gnttab_pages_set_private(int nr_pages, struct page **pages)
{
	int i;

	for (i = 0; i < nr_pages; i++)
		SetPagePrivate(pages[i]);
	return 0;
}
EXPORT_SYMBOL_GPL(gnttab_pages_set_private);

void gnttab_pages_clear_private(int nr_pages, struct page **pages)
{
	int i;

	for (i = 0; i < nr_pages; i++) {
		if (!PagePrivate(pages[i]))
			continue;
		set_page_private(pages[i], 0);
		ClearPagePrivate(pages[i]);
	}
}
EXPORT_SYMBOL_GPL(gnttab_pages_clear_private);

/* May sleep. -ENOMEM. */
int gnttab_alloc_pages(int nr_pages, struct page **pages)
{
	int err = xen_alloc_unpopulated_pages(nr_pages, pages);

	return err ?: gnttab_pages_set_private(nr_pages, pages);
}
EXPORT_SYMBOL_GPL(gnttab_alloc_pages);

/* Nothing may be mapped at them. */
void gnttab_free_pages(int nr_pages, struct page **pages)
{
	gnttab_pages_clear_private(nr_pages, pages);
	xen_free_unpopulated_pages(nr_pages, pages);
}
EXPORT_SYMBOL_GPL(gnttab_free_pages);

/*
 * A cache of such pages. Those that were mapped until now come back to it.
 */

#ifdef CONFIG_XEN_UNPOPULATED_ALLOC
/* They are no memory, and a list's links must not be in them: zone_device_data has it. */
static void cache_init(struct gnttab_page_cache *cache)
{
	cache->pages = NULL;
}

static void cache_push(struct gnttab_page_cache *cache, struct page *page)
{
	page->zone_device_data = cache->pages;
	cache->pages = page;
}

static struct page *cache_pop(struct gnttab_page_cache *cache)
{
	struct page *page = cache->pages;

	cache->pages = page->zone_device_data;
	return page;
}
#else
static void cache_init(struct gnttab_page_cache *cache)
{
	INIT_LIST_HEAD(&cache->pages);
}

static void cache_push(struct gnttab_page_cache *cache, struct page *page)
{
	list_add(&page->lru, &cache->pages);
}

static struct page *cache_pop(struct gnttab_page_cache *cache)
{
	struct page *page = list_first_entry(&cache->pages, struct page, lru);

	list_del(&page->lru);
	return page;
}
#endif

void gnttab_page_cache_init(struct gnttab_page_cache *cache)
{
	spin_lock_init(&cache->lock);
	cache_init(cache);
	cache->num_pages = 0;
}
EXPORT_SYMBOL_GPL(gnttab_page_cache_init);

/* A page of the cache, or a new one. */
int gnttab_page_cache_get(struct gnttab_page_cache *cache, struct page **page)
{
	unsigned long flags;

	spin_lock_irqsave(&cache->lock, flags);
	*page = cache->num_pages ? cache_pop(cache) : NULL;
	cache->num_pages -= !!*page;
	spin_unlock_irqrestore(&cache->lock, flags);
	return *page ? 0 : gnttab_alloc_pages(1, page);
}
EXPORT_SYMBOL_GPL(gnttab_page_cache_get);

void gnttab_page_cache_put(struct gnttab_page_cache *cache, struct page **page, unsigned int num)
{
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&cache->lock, flags);
	for (i = 0; i < num; i++)
		cache_push(cache, page[i]);
	cache->num_pages += num;
	spin_unlock_irqrestore(&cache->lock, flags);
}
EXPORT_SYMBOL_GPL(gnttab_page_cache_put);

/* Leave no more than @num in it. */
void gnttab_page_cache_shrink(struct gnttab_page_cache *cache, unsigned int num)
{
	struct page *batch[16];
	unsigned long flags;
	unsigned int n;

	do {
		spin_lock_irqsave(&cache->lock, flags);
		for (n = 0; n < ARRAY_SIZE(batch) && cache->num_pages > num; n++) {
			batch[n] = cache_pop(cache);
			cache->num_pages--;
		}
		spin_unlock_irqrestore(&cache->lock, flags);
		gnttab_free_pages(n, batch);
	} while (n == ARRAY_SIZE(batch));
}
EXPORT_SYMBOL_GPL(gnttab_page_cache_shrink);

/*
 * Call @fn for each page, or part of one, of the @len bytes from @offset on behind
 * @page's beginning.
 */
void gnttab_foreach_grant_in_range(struct page *page, unsigned int offset, unsigned int len,
				   xen_grant_fn_t fn, void *data)
{
	unsigned long frame = page_to_xen_pfn(page) + (offset >> XEN_PAGE_SHIFT);
	unsigned int part;

	for (offset &= ~XEN_PAGE_MASK; len; offset = 0, len -= part) {
		part = min_t(unsigned int, XEN_PAGE_SIZE - offset, len);
		fn(pfn_to_gfn(frame++), offset, part, data);
	}
}
EXPORT_SYMBOL_GPL(gnttab_foreach_grant_in_range);

/* Call @fn for each of the first @nr_grefs frames of @pages. */
void gnttab_foreach_grant(struct page **pages, unsigned int nr_grefs, xen_grant_fn_t fn, void *data)
{
	unsigned int i;

	for (i = 0; i < nr_grefs; i++)
		fn(xen_page_to_gfn(pages[i / XEN_PFN_PER_PAGE]) + i % XEN_PFN_PER_PAGE, 0,
		   XEN_PAGE_SIZE, data);
}
