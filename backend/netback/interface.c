// SPDX-License-Identifier: GPL-2.0
/*
 * The network device: what the stack, bridges and people see of a vif.
 *
 * It is there from the device's probe on. While the front end is connected it has
 * carrier, and as many queues as the front end made; what the front end cannot take, the
 * device cannot either. Packets are polled for while it is up.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include "netback.h"

/* What depends on the front end. */
static const netdev_features_t offloads = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM |
					  NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_FRAGLIST;

/* A queue in use, or NULL. By the network stack, which waits for RCU (interface_stop()). */
static struct queue *find_queue(struct vif *vif, unsigned int id)
{
	return id < READ_ONCE(vif->nr_queues) ? vif->queues[id] : NULL;
}

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *net)
{
	struct vif *vif = netdev_priv(net);
	struct queue *queue = find_queue(vif, skb_get_queue_mapping(skb));

	if (!queue) {
		net->stats.tx_dropped++;
		kfree_skb(skb);
		return NETDEV_TX_OK;
	}
	return rx_transmit(queue, skb);
}

static u16 select_queue(struct net_device *net, struct sk_buff *skb, struct net_device *from)
{
	struct vif *vif = netdev_priv(net);
	unsigned int nr = READ_ONCE(vif->nr_queues), queue = 0;
	const struct hash *hash;
	u32 value;

	if (nr <= 1)
		return 0;
	if (vif_hash(vif, skb, &value) < 0)
		return netdev_pick_tx(net, skb, from) % nr;
	rcu_read_lock();
	hash = rcu_dereference(vif->hash);
	if (hash)
		queue = hash_queue(hash, value, nr);
	rcu_read_unlock();
	return queue;
}

static int open(struct net_device *net)
{
	struct vif *vif = netdev_priv(net);
	unsigned int i;

	for (i = 0; i < vif->nr_queues; i++)
		queue_start(vif->queues[i]);
	netif_tx_start_all_queues(net);
	schedule_work(&vif->config_work);
	return 0;
}

static int stop(struct net_device *net)
{
	struct vif *vif = netdev_priv(net);
	unsigned int i;

	netif_tx_stop_all_queues(net);
	for (i = 0; i < vif->nr_queues; i++)
		queue_stop(vif->queues[i]);
	schedule_work(&vif->config_work);
	return 0;
}

static netdev_features_t fix_features(struct net_device *net, netdev_features_t features)
{
	struct vif *vif = netdev_priv(net);

	return features & (vif->front_features | ~offloads);
}

static const struct net_device_ops ops = {
	.ndo_open = open,
	.ndo_stop = stop,
	.ndo_start_xmit = start_xmit,
	.ndo_select_queue = select_queue,
	.ndo_fix_features = fix_features,
	.ndo_get_stats64 = vif_get_stats64,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

/*
 * Make the device vif<domid>.<handle>, for at most nr_queues queues; its private data is
 * the vif, zeroed. It has still to be registered.
 */
struct net_device *interface_create(struct xenbus_device *dev, unsigned int handle,
				    unsigned int nr_queues)
{
	/* The highest there is that is administered locally: no bridge takes it for its own. */
	static const u8 mac[ETH_ALEN] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct net_device *net;
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "vif%u.%u", dev->otherend_id, handle);
	net = alloc_netdev_mqs(sizeof(struct vif), name, NET_NAME_PREDICTABLE, ether_setup,
			       nr_queues, nr_queues);
	if (!net)
		return NULL;
	SET_NETDEV_DEV(net, &dev->dev);
	net->netdev_ops = &ops;
	net->ethtool_ops = &vif_ethtool_ops;
	net->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	net->hw_features = offloads;
	net->features = offloads | NETIF_F_GSO_ROBUST;
	net->min_mtu = ETH_MIN_MTU;
	net->max_mtu = ETH_DATA_LEN;
	eth_hw_addr_set(net, mac);
	netif_carrier_off(net);
	return net;
}

/* vif->queues, vif->nr_queues of them, are connected: let packets through. */
void interface_start(struct vif *vif)
{
	struct net_device *net = vif->net;
	unsigned int i;

	rtnl_lock();
	netif_set_real_num_tx_queues(net, vif->nr_queues);
	netif_set_real_num_rx_queues(net, vif->nr_queues);
	net->max_mtu = vif->front_features & NETIF_F_SG ? ETH_MAX_MTU : ETH_DATA_LEN;
	if (net->mtu > net->max_mtu)
		dev_set_mtu(net, net->max_mtu);
	netdev_update_features(net);
	for (i = 0; i < vif->nr_queues && netif_running(net); i++)
		queue_start(vif->queues[i]);
	if (netif_running(net))
		netif_tx_wake_all_queues(net);
	netif_carrier_on(net);
	rtnl_unlock();
}

/* The opposite. Afterwards nobody uses the queues, of which there are none. */
void interface_stop(struct vif *vif)
{
	unsigned int i, nr;

	rtnl_lock();
	netif_carrier_off(vif->net);
	nr = vif->nr_queues;
	for (i = 0; i < nr; i++)
		vif_keep_stats(vif, vif->queues[i]);
	WRITE_ONCE(vif->nr_queues, 0);
	synchronize_net();
	for (i = 0; i < nr; i++)
		queue_stop(vif->queues[i]);
	rtnl_unlock();
}

/* The front end did what it must not: the vif is disconnected. From any context. */
void vif_break(struct vif *vif, const char *why)
{
	if (test_and_set_bit(0, &vif->broken))
		return;
	dev_err(&vif->dev->dev, "%s: %s; disconnecting\n", vif->label, why);
	schedule_work(&vif->break_work);
}
