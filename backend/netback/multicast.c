// SPDX-License-Identifier: GPL-2.0
/*
 * The multicast addresses that a front end wants to receive. Until it asks for a filter,
 * and that may be before or after it made the list, everything passes; broadcast always.
 */
#include <linux/etherdevice.h>
#include "netback.h"

static int find(struct multicast *multicast, const u8 *address)
{
	unsigned int i;

	for (i = 0; i < multicast->nr; i++)
		if (ether_addr_equal(multicast->addresses[i], address))
			return i;
	return -ENOENT;
}

/* False: the list is full, or it is no such address. From any context but interrupts. */
bool multicast_add(struct multicast *multicast, const u8 *address)
{
	bool added = false;

	if (!is_multicast_ether_addr(address))
		return false;
	spin_lock_bh(&multicast->lock);
	if (find(multicast, address) >= 0) {
		added = true;
	} else if (multicast->nr < MULTICAST_MAX) {
		ether_addr_copy(multicast->addresses[multicast->nr++], address);
		added = true;
	}
	spin_unlock_bh(&multicast->lock);
	return added;
}

void multicast_remove(struct multicast *multicast, const u8 *address)
{
	int at;

	spin_lock_bh(&multicast->lock);
	at = find(multicast, address);
	if (at >= 0)
		ether_addr_copy(multicast->addresses[at], multicast->addresses[--multicast->nr]);
	spin_unlock_bh(&multicast->lock);
}

/* Does a packet for this address go to the front end? */
bool multicast_passes(struct multicast *multicast, const u8 *address)
{
	bool passes;

	if (!READ_ONCE(multicast->requested) || !is_multicast_ether_addr(address) ||
	    is_broadcast_ether_addr(address))
		return true;
	spin_lock_bh(&multicast->lock);
	passes = find(multicast, address) >= 0;
	spin_unlock_bh(&multicast->lock);
	return passes;
}
