// SPDX-License-Identifier: GPL-2.0
/*
 * What ethtool shows of a vif: counters of each queue, kept by the NAPI context that they
 * belong to. Seen from the domain: tx is what it transmits. The interface's own counters
 * (ip -s link) are seen from here, the other way round.
 */
#include <linux/ethtool.h>
#include "netback.h"

static const struct {
	char name[ETH_GSTRING_LEN - 8];
	unsigned short offset;
	bool rx;
} counters[] = {
#define TX(name) { "tx_" #name, offsetof(struct queue_stats, name), false }
#define RX(name) { "rx_" #name, offsetof(struct queue_stats, name), true }
	TX(packets), TX(bytes), TX(gso), TX(batches), TX(notifications), TX(dropped),
	TX(malformed), TX(spoofed), TX(copy_errors), TX(throttled),
	RX(packets), RX(bytes), RX(gso), RX(batches), RX(notifications), RX(dropped),
	RX(copy_errors), RX(stalls),
};

static void get_drvinfo(struct net_device *net, struct ethtool_drvinfo *info)
{
	struct vif *vif = netdev_priv(net);

	strscpy(info->driver, "netback", sizeof(info->driver));
	strscpy(info->bus_info, vif->dev->nodename, sizeof(info->bus_info));
}

static int get_sset_count(struct net_device *net, int set)
{
	struct vif *vif = netdev_priv(net);

	return set == ETH_SS_STATS ? vif->nr_queues * ARRAY_SIZE(counters) : -EOPNOTSUPP;
}

static void get_strings(struct net_device *net, u32 set, u8 *data)
{
	struct vif *vif = netdev_priv(net);
	unsigned int i, j;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < vif->nr_queues; i++)
		for (j = 0; j < ARRAY_SIZE(counters); j++)
			ethtool_sprintf(&data, "queue%u_%s", i, counters[j].name);
}

/* Under the RTNL, as all who change the queues. */
static void get_ethtool_stats(struct net_device *net, struct ethtool_stats *unused, u64 *data)
{
	struct vif *vif = netdev_priv(net);
	unsigned int i, j;

	for (i = 0; i < vif->nr_queues; i++)
		for (j = 0; j < ARRAY_SIZE(counters); j++) {
			struct queue *queue = vif->queues[i];
			void *stats = counters[j].rx ? &queue->rx.stats : &queue->tx.stats;

			*data++ = *(u64 *)(stats + counters[j].offset);
		}
}

const struct ethtool_ops vif_ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_ethtool_stats,
};

static void add(struct rtnl_link_stats64 *to, const struct queue *queue)
{
	const struct queue_stats *tx = &queue->tx.stats, *rx = &queue->rx.stats;

	to->rx_packets += tx->packets;
	to->rx_bytes += tx->bytes;
	to->rx_dropped += tx->dropped + tx->spoofed;
	to->rx_errors += tx->malformed + tx->copy_errors;
	to->tx_packets += rx->packets;
	to->tx_bytes += rx->bytes;
	to->tx_dropped += rx->dropped;
	to->tx_errors += rx->copy_errors;
}

/* A queue goes; what it counted stays. */
void vif_keep_stats(struct vif *vif, const struct queue *queue)
{
	add(&vif->past, queue);
}

void vif_get_stats64(struct net_device *net, struct rtnl_link_stats64 *stats)
{
	struct vif *vif = netdev_priv(net);
	unsigned int i, nr;

	rcu_read_lock();
	*stats = vif->past;
	stats->tx_dropped += net->stats.tx_dropped;
	nr = READ_ONCE(vif->nr_queues);
	for (i = 0; i < nr; i++)
		add(stats, vif->queues[i]);
	rcu_read_unlock();
}
