// SPDX-License-Identifier: GPL-2.0
/*
 * The other side of grants: mapping pages of other domains at pages of ours, and
 * copying to and from them. All in batches, one hypercall each.
 *
 * A page at which a foreign one is mapped says so (PG_foreign) and has the domain and
 * the reference in page->private; and in the table of our memory its place is taken by
 * the foreign frame (set_foreign_p2m_mapping()).
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/workqueue.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>

#include "grant.h"

/* After a try that failed because the frame was paged out: 1, 2, ... ms, 256 in all. */
#define RETRIES 256
/* Pages that are to be unmapped but in use are looked at again after ms, times tries. */
#define UNMAP_DELAY 5

/*
 * Do @op, whose arguments are at @arg and whose status is at @status, again until it is
 * no longer refused for the moment.
 */
static void retry(unsigned int op, void *arg, int16_t *status)
{
	unsigned int delay;

	for (delay = 1; *status == GNTST_eagain && delay < RETRIES; delay++) {
		msleep(delay);
		if (HYPERVISOR_grant_table_op(op, arg, 1))
			BUG();
	}
	if (*status == GNTST_eagain) {
		pr_err_ratelimited("xen: a granted frame stayed paged out\n");
		*status = GNTST_bad_page;
	}
}

void gnttab_batch_map(struct gnttab_map_grant_ref *batch, unsigned int count)
{
	struct gnttab_map_grant_ref *op;

	if (HYPERVISOR_grant_table_op(GNTTABOP_map_grant_ref, batch, count))
		BUG();
	for (op = batch; op < batch + count; op++)
		if (op->status == GNTST_eagain)
			retry(GNTTABOP_map_grant_ref, op, &op->status);
}
EXPORT_SYMBOL_GPL(gnttab_batch_map);

void gnttab_batch_copy(struct gnttab_copy *batch, unsigned int count)
{
	struct gnttab_copy *op;

	if (HYPERVISOR_grant_table_op(GNTTABOP_copy, batch, count))
		BUG();
	for (op = batch; op < batch + count; op++)
		if (op->status == GNTST_eagain)
			retry(GNTTABOP_copy, op, &op->status);
}
EXPORT_SYMBOL_GPL(gnttab_batch_copy);

static void mark_foreign(struct page *page, const struct gnttab_map_grant_ref *op)
{
	struct xen_page_foreign *foreign;

	SetPageForeign(page);
	foreign = xen_page_foreign(page);
	foreign->domid = op->dom;
	foreign->gref = op->ref;
}

/*
 * Map @count grants; the result of each is in its status. @kmap_ops, or NULL: second
 * mappings, for the kernel, of what the first ones map for programs. May sleep. 0, or
 * an error if a mapping could not be entered into the table of our memory.
 */
int gnttab_map_refs(struct gnttab_map_grant_ref *map_ops, struct gnttab_map_grant_ref *kmap_ops,
		    struct page **pages, unsigned int count)
{
	unsigned int i;

	gnttab_batch_map(map_ops, count);
	for (i = 0; i < count; i++)
		if (map_ops[i].status == GNTST_okay)
			mark_foreign(pages[i], &map_ops[i]);
	return set_foreign_p2m_mapping(map_ops, kmap_ops, pages, count);
}
EXPORT_SYMBOL_GPL(gnttab_map_refs);

/* The reverse. Nobody may use the pages any more, not even DMA or the network. */
int gnttab_unmap_refs(struct gnttab_unmap_grant_ref *unmap_ops,
		      struct gnttab_unmap_grant_ref *kunmap_ops, struct page **pages,
		      unsigned int count)
{
	unsigned int i;
	int err;

	err = HYPERVISOR_grant_table_op(GNTTABOP_unmap_grant_ref, unmap_ops, count);
	if (err)
		return err;
	for (i = 0; i < count; i++)
		ClearPageForeign(pages[i]);
	return clear_foreign_p2m_mapping(unmap_ops, kunmap_ops, pages, count);
}
EXPORT_SYMBOL_GPL(gnttab_unmap_refs);

/* Does anybody but the owner of @item use one of its pages? */
static bool pages_in_use(const struct gntab_unmap_queue_data *item)
{
	unsigned int i;

	for (i = 0; i < item->count; i++)
		if (page_count(item->pages[i]) > 1)
			return true;
	return false;
}

static void unmap_unused(struct gntab_unmap_queue_data *item)
{
	if (pages_in_use(item)) {
		schedule_delayed_work(&item->gnttab_work,
				      msecs_to_jiffies(UNMAP_DELAY * (item->age + 1)));
		return;
	}
	item->done(gnttab_unmap_refs(item->unmap_ops, item->kunmap_ops, item->pages, item->count),
		   item);
}

static void unmap_work(struct work_struct *work)
{
	struct gntab_unmap_queue_data *item =
		container_of(work, struct gntab_unmap_queue_data, gnttab_work.work);

	if (item->age < UINT_MAX)
		item->age++;
	unmap_unused(item);
}

/* Unmap when nobody else uses the pages; @item->done is called then, or at once. */
void gnttab_unmap_refs_async(struct gntab_unmap_queue_data *item)
{
	INIT_DELAYED_WORK(&item->gnttab_work, unmap_work);
	item->age = 0;
	unmap_unused(item);
}
EXPORT_SYMBOL_GPL(gnttab_unmap_refs_async);

struct unmap_wait {
	struct completion done;
	int result;
};

static void unmap_done(int result, struct gntab_unmap_queue_data *item)
{
	struct unmap_wait *wait = item->data;

	wait->result = result;
	complete(&wait->done);
}

/* The same, and wait for it. */
int gnttab_unmap_refs_sync(struct gntab_unmap_queue_data *item)
{
	struct unmap_wait wait;

	init_completion(&wait.done);
	item->data = &wait;
	item->done = unmap_done;
	gnttab_unmap_refs_async(item);
	wait_for_completion(&wait.done);
	return wait.result;
}
EXPORT_SYMBOL_GPL(gnttab_unmap_refs_sync);
