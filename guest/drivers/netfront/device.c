// SPDX-License-Identifier: GPL-2.0-only
/*
 * The network interface: what the kernel's stack asks a device for.
 *
 * The interface exists as long as the device does, and is up or down as its administrator
 * likes. Queues exist while there is a back end. They run when both is so.
 */
#include <linux/if_vlan.h>
#include <linux/module.h>

#include "netfront.h"

static unsigned int max_queues;
module_param(max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues, "queues of a device, at most; 0 (default): one for each CPU");

static int netfront_open(struct net_device *dev)
{
	struct netfront *nf = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < nf->nr_queues; i++)
		queue_start(&nf->queues[i]);
	netif_tx_start_all_queues(dev);
	return 0;
}

static int netfront_stop(struct net_device *dev)
{
	struct netfront *nf = netdev_priv(dev);
	unsigned int i;

	netif_tx_disable(dev);
	for (i = 0; i < nf->nr_queues; i++)
		queue_stop(&nf->queues[i]);
	return 0;
}

static netdev_features_t netfront_fix_features(struct net_device *dev, netdev_features_t features)
{
	const struct features *peer = &((struct netfront *)netdev_priv(dev))->peer;

	if (!peer->sg)
		features &= ~NETIF_F_SG;
	if (!peer->csum)
		features &= ~NETIF_F_IP_CSUM;
	if (!peer->csum6)
		features &= ~NETIF_F_IPV6_CSUM;
	if (!peer->tso)
		features &= ~NETIF_F_TSO;
	if (!peer->tso6)
		features &= ~NETIF_F_TSO6;
	return features;
}

static int netfront_change_mtu(struct net_device *dev, int mtu)
{
	struct netfront *nf = netdev_priv(dev);

	/* Larger packets are in several parts. */
	if (mtu > ETH_DATA_LEN && (nf->xdp_prog || (nf->connected && !nf->peer.sg)))
		return -EINVAL;
	dev->mtu = mtu;
	return 0;
}

static void netfront_get_stats(struct net_device *dev, struct rtnl_link_stats64 *to)
{
	struct netfront *nf = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < nf->max_queues; i++) {
		const struct queue_stats *from = &nf->stats[i];

		to->rx_packets += from->rx_packets;
		to->rx_bytes += from->rx_bytes;
		to->rx_errors += from->rx_malformed + from->rx_granted;
		to->rx_dropped += from->rx_no_memory;
		to->tx_packets += from->tx_packets;
		to->tx_bytes += from->tx_bytes;
		to->tx_errors += from->tx_errors;
	}
}

static const struct net_device_ops netfront_ops = {
	.ndo_open = netfront_open,
	.ndo_stop = netfront_stop,
	.ndo_start_xmit = tx_xmit,
	.ndo_fix_features = netfront_fix_features,
	.ndo_change_mtu = netfront_change_mtu,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_rx_mode = multicast_update,
	.ndo_get_stats64 = netfront_get_stats,
	.ndo_bpf = netfront_bpf,
	.ndo_xdp_xmit = netfront_xdp_xmit,
};

/**
 * netfront_create - a network interface, not registered yet
 *
 * Returns it, its struct netfront as netdev_priv(), or an error pointer.
 */
struct net_device *netfront_create(struct xenbus_device *xdev)
{
	unsigned int queues = max_queues ?: num_online_cpus();
	struct net_device *dev;
	struct netfront *nf;

	queues = min_t(unsigned int, queues, num_possible_cpus());
	dev = alloc_etherdev_mq(sizeof(*nf), queues);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	nf = netdev_priv(dev);
	nf->dev = dev;
	nf->xdev = xdev;
	nf->max_queues = queues;
	nf->stats = kvcalloc(queues, sizeof(*nf->stats), GFP_KERNEL);
	if (!nf->stats) {
		free_netdev(dev);
		return ERR_PTR(-ENOMEM);
	}
	multicast_init(nf);
	control_init(nf);
	dev->netdev_ops = &netfront_ops;
	dev->ethtool_ops = &netfront_ethtool_ops;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	dev->hw_features = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO |
			   NETIF_F_TSO6;
	dev->features = dev->hw_features | NETIF_F_RXCSUM;
	dev->min_mtu = ETH_MIN_MTU;
	/* The size of a packet is 16 bits of the protocol. */
	dev->max_mtu = XEN_NETIF_MAX_TX_SIZE - VLAN_ETH_HLEN;
	netif_set_tso_max_size(dev, XEN_NETIF_MAX_TX_SIZE);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	dev->xdp_features = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT | NETDEV_XDP_ACT_NDO_XMIT;
#endif
	SET_NETDEV_DEV(dev, &xdev->dev);
	netif_carrier_off(dev);
	return dev;
}

/* The opposite; not registered any more. */
void netfront_destroy(struct netfront *nf)
{
	kvfree(nf->stats);
	free_netdev(nf->dev);
}

/**
 * netfront_attach - make queues for the back end that nf->peer tells of
 *
 * Returns 0 or a negative error, after which nothing has changed. Holds the RTNL.
 */
int netfront_attach(struct netfront *nf)
{
	unsigned int count = clamp(nf->peer.max_queues, 1U, nf->max_queues), i;
	int err;

	nf->xdp_mode = !!nf->xdp_prog;
	err = queues_create(nf, count);
	if (err)
		return err;
	err = netif_set_real_num_queues(nf->dev, count, count);
	if (err) {
		queues_destroy(nf);
		return err;
	}
	nf->connected = true;
	netdev_update_features(nf->dev);
	if (!nf->peer.sg && nf->dev->mtu > ETH_DATA_LEN)
		dev_set_mtu(nf->dev, ETH_DATA_LEN);
	if (netif_running(nf->dev))
		for (i = 0; i < count; i++)
			queue_start(&nf->queues[i]);
	netif_tx_wake_all_queues(nf->dev);
	return 0;
}

/* The opposite: the back end is gone, or is of no use. Holds the RTNL. */
void netfront_detach(struct netfront *nf)
{
	unsigned int i;

	if (!nf->connected)
		return;
	netif_carrier_off(nf->dev);
	netif_tx_disable(nf->dev);
	WRITE_ONCE(nf->connected, false);
	synchronize_net();
	if (netif_running(nf->dev))
		for (i = 0; i < nf->nr_queues; i++)
			queue_stop(&nf->queues[i]);
	queues_destroy(nf);
}
