// SPDX-License-Identifier: GPL-2.0
/*
 * Batches of grant copies. An operation belongs to a packet of the batch, by number, and
 * if one fails so does the packet. When the array is full it is run: a batch has no limit.
 */
#include "netback.h"

/* Room for one more operation, for the caller to fill. packet: below PACKETS_MAX. */
struct gnttab_copy *copies_next(struct copies *copies, unsigned int packet)
{
	if (copies->nr == COPIES_MAX)
		copies_run(copies);
	copies->packet[copies->nr] = packet;
	return &copies->op[copies->nr++];
}

/*
 * Have the hypervisor do all that was collected. Not gnttab_batch_copy(), which sleeps
 * when a page is paged out: a domain could have that here.
 */
void copies_run(struct copies *copies)
{
	unsigned int i;

	if (copies->nr == 0)
		return;
	if (HYPERVISOR_grant_table_op(GNTTABOP_copy, copies->op, copies->nr)) {
		for (i = 0; i < copies->nr; i++)
			copies->op[i].status = GNTST_general_error;
	}
	for (i = 0; i < copies->nr; i++)
		if (unlikely(copies->op[i].status != GNTST_okay))
			copies->failed |= BIT_ULL(copies->packet[i]);
	copies->nr = 0;
}
