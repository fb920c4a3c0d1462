// SPDX-License-Identifier: GPL-2.0
/*
 * The front end's pages, mapped. Each ring has a pool of page frames without memory of their
 * own, into which granted pages are mapped, so that the disk reads and writes them where they
 * are. Mapping and unmapping are hypercalls, the latter with a flush of the TLB, so both are
 * done for as many pages at once as there are: pool_get() and pool_put() collect, pool_map()
 * and pool_unmap() do it. The two kinds are never collected at once.
 *
 * When the front end promises to use the same pages again (persistent grants), they stay
 * mapped, and are found by their grant reference. The pool is bounded: what was idle longest
 * is unmapped when room is needed.
 *
 * Only the ring's thread comes here, once the ring is there.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "blkback.h"

struct chunk {
	struct list_head list;
	struct page *pages[POOL_CHUNK];
	struct mapping maps[POOL_CHUNK];
};

static unsigned long address(const struct mapping *mapping)
{
	return (unsigned long)page_address(mapping->page);
}

static void set_free(struct pool *pool, struct mapping *mapping)
{
	mapping->persistent = false;
	pool->free[pool->nr_free++] = mapping;
}

/* POOL_CHUNK pages more, or -ENOMEM. */
static int grow(struct pool *pool)
{
	struct chunk *chunk = kvzalloc(sizeof(*chunk), GFP_KERNEL);
	unsigned int i;

	if (!chunk)
		return -ENOMEM;
	if (gnttab_alloc_pages(POOL_CHUNK, chunk->pages)) {
		kvfree(chunk);
		return -ENOMEM;
	}
	for (i = 0; i < POOL_CHUNK; i++) {
		chunk->maps[i].page = chunk->pages[i];
		chunk->maps[i].handle = INVALID_GRANT_HANDLE;
		set_free(pool, &chunk->maps[i]);
	}
	list_add(&chunk->list, &pool->chunks);
	pool->nr += POOL_CHUNK;
	return 0;
}

/**
 * pool_create() - a pool, with room for the largest request
 * @domid: whose pages are mapped
 * @persistent: whether they stay mapped
 *
 * May sleep. Returns NULL when there is no memory.
 */
struct pool *pool_create(domid_t domid, bool persistent)
{
	struct pool *pool = kvzalloc(sizeof(*pool), GFP_KERNEL);

	if (!pool)
		return NULL;
	pool->domid = domid;
	pool->persistent = persistent;
	INIT_LIST_HEAD(&pool->idle);
	INIT_LIST_HEAD(&pool->chunks);
	hash_init(pool->by_gref);
	if (!pool_reserve(pool, SEGMENTS_MAX)) {
		pool_destroy(pool);
		return NULL;
	}
	return pool;
}

/* Unmap pages that are idle, the longest idle first. */
static void evict(struct pool *pool, unsigned int nr)
{
	struct mapping *mapping;

	while (nr-- && pool->nr_idle) {
		mapping = list_first_entry(&pool->idle, struct mapping, list);
		list_del(&mapping->list);
		pool->nr_idle--;
		hash_del(&mapping->hash);
		mapping->persistent = false;
		mapping->users = 1;
		pool_put(pool, mapping);
	}
	pool_unmap(pool);
}

/* Free a pool of which nothing is in use any more. */
void pool_destroy(struct pool *pool)
{
	struct chunk *chunk, *next;
	unsigned int i;

	evict(pool, pool->nr_idle);
	list_for_each_entry_safe(chunk, next, &pool->chunks, list) {
		for (i = 0; i < POOL_CHUNK; i++)
			if (chunk->maps[i].handle != INVALID_GRANT_HANDLE)
				break;
		/* What could not be unmapped must not be used for anything else. */
		if (i < POOL_CHUNK)
			continue;
		gnttab_free_pages(POOL_CHUNK, chunk->pages);
		kvfree(chunk);
	}
	kvfree(pool);
}

/**
 * pool_reserve() - see that the next @nr calls of pool_get() succeed
 *
 * Nothing may be collected. Returns false when so many pages are in use that it has to wait
 * until some are not. May sleep.
 */
bool pool_reserve(struct pool *pool, unsigned int nr)
{
	while (pool->nr_free < nr && pool->nr < POOL_PAGES_MAX)
		if (grow(pool))
			break;
	if (pool->nr_free < nr)
		evict(pool, nr - pool->nr_free);
	return pool->nr_free >= nr;
}

static struct mapping *find(struct pool *pool, grant_ref_t gref)
{
	struct mapping *mapping;

	hash_for_each_possible(pool->by_gref, mapping, hash, gref)
		if (mapping->gref == gref)
			return mapping;
	return NULL;
}

/**
 * pool_get() - a page of the front end's, mapped after the next pool_map()
 * @gref: its grant reference
 * @read_only: it will only be read
 *
 * There must be a reservation. If it cannot be mapped, pool_map() leaves its handle invalid.
 */
struct mapping *pool_get(struct pool *pool, grant_ref_t gref, bool read_only)
{
	struct mapping *mapping = pool->persistent ? find(pool, gref) : NULL;
	u32 flags = GNTMAP_host_map;

	if (mapping) {
		if (!mapping->users++) {
			list_del(&mapping->list);
			pool->nr_idle--;
		}
		return mapping;
	}

	mapping = pool->free[--pool->nr_free];
	mapping->gref = gref;
	mapping->users = 1;
	if (pool->persistent) {
		mapping->persistent = true;
		hash_add(pool->by_gref, &mapping->hash, gref);
	} else if (read_only) {
		flags |= GNTMAP_readonly;
	}

	gnttab_set_map_op(&pool->map[pool->nr_batch], address(mapping), flags, gref, pool->domid);
	pool->pages[pool->nr_batch] = mapping->page;
	pool->batch[pool->nr_batch] = mapping;
	if (++pool->nr_batch == BATCH_GRANTS)
		pool_map(pool);
	return mapping;
}

/* Map what was collected. */
void pool_map(struct pool *pool)
{
	struct mapping *mapping;
	unsigned int i;

	if (!pool->nr_batch)
		return;
	/* Its result is that of all; each one's is in its operation. */
	(void)gnttab_map_refs(pool->map, NULL, pool->pages, pool->nr_batch);
	for (i = 0; i < pool->nr_batch; i++) {
		mapping = pool->batch[i];
		if (pool->map[i].status == GNTST_okay) {
			mapping->handle = pool->map[i].handle;
		} else if (mapping->persistent) {
			hash_del(&mapping->hash);
			mapping->persistent = false;
		}
	}
	pool->nr_batch = 0;
}

/* The caller no longer uses this page; unless it stays, it is unmapped by pool_unmap(). */
void pool_put(struct pool *pool, struct mapping *mapping)
{
	if (--mapping->users)
		return;
	if (mapping->persistent) {
		list_add_tail(&mapping->list, &pool->idle);
		pool->nr_idle++;
		return;
	}
	if (mapping->handle == INVALID_GRANT_HANDLE) {
		set_free(pool, mapping);
		return;
	}
	gnttab_set_unmap_op(&pool->unmap[pool->nr_batch], address(mapping), GNTMAP_host_map,
			    mapping->handle);
	pool->pages[pool->nr_batch] = mapping->page;
	pool->batch[pool->nr_batch] = mapping;
	if (++pool->nr_batch == BATCH_GRANTS)
		pool_unmap(pool);
}

/* Unmap what was collected. */
void pool_unmap(struct pool *pool)
{
	unsigned int i;

	if (!pool->nr_batch)
		return;
	(void)gnttab_unmap_refs(pool->unmap, NULL, pool->pages, pool->nr_batch);
	for (i = 0; i < pool->nr_batch; i++) {
		if (pool->unmap[i].status != GNTST_okay) {
			pr_err_ratelimited("blkback: domain %u: grant not unmapped: %d\n",
					   pool->domid, pool->unmap[i].status);
			continue;
		}
		pool->batch[i]->handle = INVALID_GRANT_HANDLE;
		set_free(pool, pool->batch[i]);
	}
	pool->nr_batch = 0;
}
