// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which multicast packets the back end lets through.
 *
 * A back end with feature-multicast-control drops those that we have not asked for, which
 * spares us looking at them. What we ask for goes to it as requests without a packet, in
 * the first transmit ring; whether the filter is on, by xenstore. It is off for a device
 * that wants everything, and once the back end's list was too short.
 */
#include "netfront.h"

static int filter_change(struct net_device *dev, const unsigned char *address, bool add)
{
	struct netfront *nf = netdev_priv(dev);
	struct queue *q = nf->queues;
	struct netdev_queue *txq;
	bool done;

	if (!nf->connected || !nf->peer.multicast || nf->faulty)
		return 0;
	txq = tx_queue(q);
	__netif_tx_lock(txq, smp_processor_id());
	done = tx_multicast(q, address, add);
	if (done)
		tx_flush(q);
	__netif_tx_unlock(txq);
	if (!done)
		multicast_failed(nf);
	return 0;
}

static int filter_add(struct net_device *dev, const unsigned char *address)
{
	return filter_change(dev, address, true);
}

static int filter_delete(struct net_device *dev, const unsigned char *address)
{
	return filter_change(dev, address, false);
}

/* Tell the back end whether to filter. */
static void multicast_work(struct work_struct *work)
{
	struct netfront *nf = container_of(work, struct netfront, multicast_work);
	bool filter = !nf->all_multicast && !(nf->dev->flags & (IFF_PROMISC | IFF_ALLMULTI));

	xenbus_printf(XBT_NIL, nf->xdev->nodename, "request-multicast-control", "%u", filter);
}

/* ndo_set_rx_mode: under the address lock, with bottom halves off. */
void multicast_update(struct net_device *dev)
{
	struct netfront *nf = netdev_priv(dev);

	__dev_mc_sync(dev, filter_add, filter_delete);
	if (nf->connected && nf->peer.multicast)
		schedule_work(&nf->multicast_work);
}

/* A new back end's list is empty. Holds the RTNL. */
void multicast_replay(struct netfront *nf)
{
	nf->all_multicast = false;
	netif_addr_lock_bh(nf->dev);
	__dev_mc_unsync(nf->dev, NULL);
	multicast_update(nf->dev);
	netif_addr_unlock_bh(nf->dev);
}

/* The back end cannot take an address: let everything through. */
void multicast_failed(struct netfront *nf)
{
	nf->all_multicast = true;
	schedule_work(&nf->multicast_work);
}

void multicast_init(struct netfront *nf)
{
	INIT_WORK(&nf->multicast_work, multicast_work);
}
