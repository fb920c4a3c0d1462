// SPDX-License-Identifier: GPL-2.0-only
/* What ethtool shows and sets: each queue's statistics, the hash's key and table. */
#include <linux/ethtool.h>

#include "netfront.h"

/* In the order of struct queue_stats. */
static const char stat_names[][ETH_GSTRING_LEN] = {
	"rx_packets",	"rx_bytes",   "rx_copied",  "rx_malformed", "rx_no_memory", "rx_granted",
	"tx_packets",	"tx_bytes",   "tx_copied",  "tx_errors",    "tx_stopped",   "xdp_drop",
	"xdp_tx",	"xdp_redirect", "xdp_aborted", "xdp_sent",
};
static_assert(ARRAY_SIZE(stat_names) == QUEUE_STATS);

static int get_sset_count(struct net_device *dev, int set)
{
	struct netfront *nf = netdev_priv(dev);

	return set == ETH_SS_STATS ? nf->max_queues * QUEUE_STATS : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *to)
{
	struct netfront *nf = netdev_priv(dev);
	unsigned int q, i;

	if (set != ETH_SS_STATS)
		return;
	for (q = 0; q < nf->max_queues; q++)
		for (i = 0; i < QUEUE_STATS; i++)
			ethtool_sprintf(&to, "queue_%u_%s", q, stat_names[i]);
}

static void get_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *to)
{
	struct netfront *nf = netdev_priv(dev);

	memcpy(to, nf->stats, nf->max_queues * sizeof(*nf->stats));
}

static void get_channels(struct net_device *dev, struct ethtool_channels *channels)
{
	struct netfront *nf = netdev_priv(dev);

	channels->max_combined = nf->max_queues;
	channels->combined_count = nf->nr_queues;
}

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	struct netfront *nf = netdev_priv(dev);

	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->bus_info, dev_name(&nf->xdev->dev), sizeof(info->bus_info));
}

/* Only how many receive rings there are, which the hash's table is read with. */
static int get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info, u32 *rules)
{
	struct netfront *nf = netdev_priv(dev);

	if (info->cmd != ETHTOOL_GRXRINGS)
		return -EOPNOTSUPP;
	info->data = nf->nr_queues;
	return 0;
}

static u32 get_key_size(struct net_device *dev)
{
	return HASH_KEY_SIZE;
}

static u32 get_table_size(struct net_device *dev)
{
	return HASH_TABLE_MAX;
}

static int get_hash(struct net_device *dev, u32 *table, u8 *key, u8 *function)
{
	struct control *control = &((struct netfront *)netdev_priv(dev))->control;

	if (function)
		*function = ETH_RSS_HASH_TOP;
	if (key)
		memcpy(key, control->key, sizeof(control->key));
	if (table)
		memcpy(table, control->table, sizeof(control->table));
	return 0;
}

static int set_hash(struct net_device *dev, const u32 *table, const u8 *key, u8 function)
{
	struct control *control = &((struct netfront *)netdev_priv(dev))->control;

	if (function != ETH_RSS_HASH_NO_CHANGE && function != ETH_RSS_HASH_TOP)
		return -EOPNOTSUPP;
	if (!READ_ONCE(control->connected))
		return -EOPNOTSUPP;
	mutex_lock(&control->mutex);
	if (key)
		memcpy(control->key, key, sizeof(control->key));
	if (table) {
		memcpy(control->table, table, sizeof(control->table));
		control->custom_table = true;
	}
	mutex_unlock(&control->mutex);
	schedule_work(&control->work);
	return 0;
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
static int get_rxfh(struct net_device *dev, u32 *table, u8 *key, u8 *function)
{
	return get_hash(dev, table, key, function);
}

static int set_rxfh(struct net_device *dev, const u32 *table, const u8 *key, const u8 function)
{
	return set_hash(dev, table, key, function);
}
#else
static int get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *param)
{
	return get_hash(dev, param->indir, param->key, &param->hfunc);
}

static int set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *param,
		    struct netlink_ext_ack *extack)
{
	return set_hash(dev, param->indir, param->key, param->hfunc);
}
#endif

const struct ethtool_ops netfront_ethtool_ops = {
	.get_link = ethtool_op_get_link,
	.get_drvinfo = get_drvinfo,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_stats,
	.get_channels = get_channels,
	.get_rxnfc = get_rxnfc,
	.get_rxfh_key_size = get_key_size,
	.get_rxfh_indir_size = get_table_size,
	.get_rxfh = get_rxfh,
	.set_rxfh = set_rxfh,
};
