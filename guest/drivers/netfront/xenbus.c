// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding devices, agreeing with the back end, and every change of state on either side.
 *
 * The usual course, ours left and the back end's right:
 *
 *	Initialising	InitWait	its features are to be read
 *	Connected	InitWait	our rings and features are there for it
 *	Connected	Connected	carrier
 *	Connected	Closing		no carrier; nothing of the rings is freed yet
 *	Closed		Closing		it may forget the rings
 *	Closed		Closed		the rings go
 *	Initialising	Closed		if it may come back: its "online" is 1
 *
 * A back end that comes late, or again after its module was reloaded, finds us in
 * Initialising, and it is as at the start. To connect anew, or when the module goes, we
 * begin with Closing, and the back end follows. A back end that breaks the protocol loses
 * us by the same way, and has us back only when it starts anew.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <net/sch_generic.h>

#include "netfront.h"

static bool trust = true;
module_param_named(trusted, trust, bool, 0444);
MODULE_PARM_DESC(trusted, "0: show back ends nothing but the bytes of packets, as if each"
			  " device had trusted=0 in xenstore");

/* How long a back end may take to let go when our module does. */
#define CLOSE_TIMEOUT (5 * HZ)

/* No more traffic, for the time being. Holds the RTNL. */
static void quiesce(struct netfront *nf)
{
	if (!nf->connected)
		return;
	netif_carrier_off(nf->dev);
	netif_tx_disable(nf->dev);
}

/* The back end's features; what it does not say it has not. */
static int read_features(struct netfront *nf)
{
	const char *back = nf->xdev->otherend;
	struct features *peer = &nf->peer;
	bool xdp = nf->xdp_prog;

	if (!xenbus_read_unsigned(back, "feature-rx-copy", 0)) {
		xenbus_dev_fatal(nf->xdev, -EINVAL, "the back end cannot copy (feature-rx-copy)");
		return -EINVAL;
	}
	peer->sg = xenbus_read_unsigned(back, "feature-sg", 0);
	peer->csum = !xenbus_read_unsigned(back, "feature-no-csum-offload", 0);
	peer->csum6 = xenbus_read_unsigned(back, "feature-ipv6-csum-offload", 0);
	peer->tso = peer->sg && xenbus_read_unsigned(back, "feature-gso-tcpv4", 0);
	peer->tso6 = peer->sg && xenbus_read_unsigned(back, "feature-gso-tcpv6", 0);
	peer->split_events = xenbus_read_unsigned(back, "feature-split-event-channels", 0);
	peer->control = xenbus_read_unsigned(back, "feature-ctrl-ring", 0);
	/* Only a filter that can be switched off again is of use. */
	peer->multicast = xenbus_read_unsigned(back, "feature-multicast-control", 0) &&
			  xenbus_read_unsigned(back, "feature-dynamic-multicast-control", 0);
	peer->max_queues = xenbus_read_unsigned(back, "multi-queue-max-queues", 1);
	nf->trusted = trust && !nf->deceived &&
		      xenbus_read_unsigned(nf->xdev->nodename, "trusted", 1);
	if (xdp)
		netdev_dbg(nf->dev, "XDP: packets come in one part\n");
	return 0;
}

static int publish_queue(struct xenbus_transaction t, const char *path, const struct queue *q)
{
	bool split = q->tx.irq != q->rx.irq;
	int err;

	err = xenbus_printf(t, path, "tx-ring-ref", "%u", q->tx.ring_gref);
	if (!err)
		err = xenbus_printf(t, path, "rx-ring-ref", "%u", q->rx.ring_gref);
	if (!err && split)
		err = xenbus_printf(t, path, "event-channel-tx", "%u", q->tx.port);
	if (!err && split)
		err = xenbus_printf(t, path, "event-channel-rx", "%u", q->rx.port);
	if (!err && !split)
		err = xenbus_printf(t, path, "event-channel", "%u", q->rx.port);
	return err;
}

static int publish_queues(struct xenbus_transaction t, struct netfront *nf)
{
	const char *path = nf->xdev->nodename;
	unsigned int i;
	int err = 0;

	if (nf->nr_queues == 1)
		return publish_queue(t, path, nf->queues);
	for (i = 0; i < nf->nr_queues && !err; i++) {
		char *sub = kasprintf(GFP_KERNEL, "%s/queue-%u", path, i);

		err = sub ? publish_queue(t, sub, &nf->queues[i]) : -ENOMEM;
		kfree(sub);
	}
	return err;
}

/* What we take; as numbers, in xenstore below our directory. */
static int publish_features(struct xenbus_transaction t, struct netfront *nf)
{
	bool parts = !nf->xdp_mode;
	const struct {
		const char *name;
		unsigned int value;
	} keys[] = {
		{ "request-rx-copy", 1 },
		{ "feature-rx-notify", 1 },
		{ "feature-sg", parts },
		{ "feature-gso-tcpv4", parts },
		{ "feature-gso-tcpv6", parts },
		{ "feature-ipv6-csum-offload", 1 },
		{ "request-multicast-control", nf->peer.multicast },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(keys) && !err; i++)
		err = xenbus_printf(t, nf->xdev->nodename, keys[i].name, "%u", keys[i].value);
	return err;
}

static int publish_once(struct xenbus_transaction t, struct netfront *nf)
{
	static const char *const stale[] = { "event-channel", "event-channel-tx", "event-channel-rx",
					     "tx-ring-ref", "rx-ring-ref", "ctrl-ring-ref",
					     "event-channel-ctrl", "multi-queue-num-queues" };
	const char *path = nf->xdev->nodename;
	unsigned int i;
	int err;

	/* Of an earlier back end that could something else. */
	for (i = 0; i < ARRAY_SIZE(stale); i++)
		xenbus_rm(t, path, stale[i]);
	err = publish_features(t, nf);
	if (!err)
		err = publish_queues(t, nf);
	if (!err && nf->nr_queues > 1)
		err = xenbus_printf(t, path, "multi-queue-num-queues", "%u", nf->nr_queues);
	if (!err && nf->control.connected)
		err = xenbus_printf(t, path, "ctrl-ring-ref", "%u", nf->control.ring_gref);
	if (!err && nf->control.connected)
		err = xenbus_printf(t, path, "event-channel-ctrl", "%u", nf->control.port);
	return err;
}

static int publish(struct netfront *nf)
{
	struct xenbus_transaction t;
	int err;

	do {
		err = xenbus_transaction_start(&t);
		if (err)
			return err;
		err = publish_once(t, nf);
		if (err) {
			xenbus_transaction_end(t, 1);
			return err;
		}
		err = xenbus_transaction_end(t, 0);
	} while (err == -EAGAIN);
	return err;
}

static void disconnect(struct netfront *nf)
{
	rtnl_lock();
	control_destroy(nf);
	netfront_detach(nf);
	rtnl_unlock();
}

/* A back end waits for us. */
static void connect(struct netfront *nf)
{
	int err;

	disconnect(nf);
	clear_bit(0, &nf->faulty);
	if (read_features(nf))
		return;
	rtnl_lock();
	err = netfront_attach(nf);
	if (!err)
		err = control_create(nf);
	if (!err)
		err = publish(nf);
	if (!err)
		multicast_replay(nf);
	rtnl_unlock();
	if (err) {
		disconnect(nf);
		xenbus_dev_fatal(nf->xdev, err, "connecting to the back end");
		return;
	}
	xenbus_switch_state(nf->xdev, XenbusStateConnected);
}

/* How often our neighbours are told where we are, and with what time between. */
enum { NOTIFICATIONS = 3, NOTIFY_AGAIN = HZ / 2 };

/*
 * Tell our neighbours where we are, once packets are let out: the kernel does that some
 * time after there is carrier. And so does the bridge at the other end, of which nothing
 * is to be seen here; so they are told again.
 */
static void notify_work(struct work_struct *work)
{
	struct netfront *nf = container_of(work, struct netfront, notify_work.work);

	if (!netif_carrier_ok(nf->dev) || !netif_running(nf->dev))
		return;
	if (qdisc_tx_is_noop(nf->dev)) {
		schedule_delayed_work(&nf->notify_work, 1);
		return;
	}
	netdev_notify_peers(nf->dev);
	if (--nf->notifications)
		schedule_delayed_work(&nf->notify_work, NOTIFY_AGAIN);
}

/* The back end has taken our rings. */
static void connected(struct netfront *nf)
{
	if (!nf->connected || nf->xdev->state != XenbusStateConnected ||
	    netif_carrier_ok(nf->dev) || nf->faulty)
		return;
	netif_carrier_on(nf->dev);
	/* We may be at another place of the network now. */
	cancel_delayed_work_sync(&nf->notify_work);
	nf->notifications = NOTIFICATIONS;
	schedule_delayed_work(&nf->notify_work, 0);
	if (nf->control.connected)
		schedule_work(&nf->control.work);
}

/* The back end wants to go. */
static void closing(struct netfront *nf)
{
	rtnl_lock();
	quiesce(nf);
	xenbus_frontend_closed(nf->xdev);
	rtnl_unlock();
}

/* The back end has let go. */
static void closed(struct netfront *nf)
{
	struct xenbus_device *xdev = nf->xdev;

	/* Not yet aware of us. */
	if (xdev->state == XenbusStateInitialising)
		return;
	disconnect(nf);
	if (xdev->state != XenbusStateClosed)
		xenbus_frontend_closed(xdev);
	if (!nf->faulty && xenbus_read_unsigned(xdev->otherend, "online", 0))
		xenbus_switch_state(xdev, XenbusStateInitialising);
}

static void netfront_changed(struct xenbus_device *xdev, enum xenbus_state state)
{
	struct netfront *nf = dev_get_drvdata(&xdev->dev);

	dev_dbg(&xdev->dev, "back end is %s\n", xenbus_strstate(state));
	switch (state) {
	case XenbusStateInitWait:
		/* Closed: it lost us, and starts anew. */
		if (xdev->state == XenbusStateInitialising || xdev->state == XenbusStateClosed)
			connect(nf);
		break;
	case XenbusStateConnected:
		connected(nf);
		break;
	case XenbusStateClosing:
		closing(nf);
		break;
	case XenbusStateClosed:
		closed(nf);
		break;
	default:
		break;
	}
}

/**
 * netfront_reconnect - close the connection; it comes back with what is wanted by then
 *
 * Holds the RTNL.
 */
void netfront_reconnect(struct netfront *nf)
{
	quiesce(nf);
	/* Not if the back end was first, and we are Closed: there is no way back. */
	if (nf->xdev->state < XenbusStateClosing)
		xenbus_switch_state(nf->xdev, XenbusStateClosing);
}

static void fault_work(struct work_struct *work)
{
	struct netfront *nf = container_of(work, struct netfront, fault_work);

	rtnl_lock();
	netfront_reconnect(nf);
	rtnl_unlock();
}

/**
 * netfront_fault - the back end broke the protocol: have nothing more to do with it
 * @what:	what it did
 *
 * From anywhere.
 */
void netfront_fault(struct netfront *nf, const char *what)
{
	if (test_and_set_bit(0, &nf->faulty))
		return;
	if (net_ratelimit())
		netdev_err(nf->dev, "disconnected, the back end broke the protocol: %s\n", what);
	schedule_work(&nf->fault_work);
}

static int read_mac(struct xenbus_device *xdev, struct net_device *dev)
{
	char *text = xenbus_read(XBT_NIL, xdev->nodename, "mac", NULL);
	u8 mac[ETH_ALEN];
	bool good;

	if (IS_ERR(text))
		return PTR_ERR(text);
	good = mac_pton(text, mac) && is_valid_ether_addr(mac);
	kfree(text);
	if (!good)
		return -EINVAL;
	eth_hw_addr_set(dev, mac);
	return 0;
}

static int netfront_probe(struct xenbus_device *xdev, const struct xenbus_device_id *id)
{
	struct net_device *dev = netfront_create(xdev);
	struct netfront *nf;
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	nf = netdev_priv(dev);
	INIT_WORK(&nf->fault_work, fault_work);
	INIT_DELAYED_WORK(&nf->notify_work, notify_work);
	err = read_mac(xdev, dev);
	if (err) {
		xenbus_dev_fatal(xdev, err, "reading \"mac\": six bytes, as in 00:16:3e:01:02:03");
		goto out;
	}
	dev_set_drvdata(&xdev->dev, nf);
	err = register_netdev(dev);
	if (err) {
		xenbus_dev_fatal(xdev, err, "registering the interface");
		goto out;
	}
	xenbus_switch_state(xdev, XenbusStateInitialising);
	return 0;
out:
	netfront_destroy(nf);
	return err;
}

static bool back_end_is(struct xenbus_device *xdev, enum xenbus_state state)
{
	enum xenbus_state now = xenbus_read_driver_state(xdev->otherend);

	/* Unknown: there is none. */
	return now == XenbusStateUnknown || now == XenbusStateClosed ||
	       (now == state && state == XenbusStateClosing);
}

/* Its watch is gone by now, so look. */
static void close_and_wait(struct xenbus_device *xdev, enum xenbus_state state)
{
	unsigned long end = jiffies + CLOSE_TIMEOUT;

	xenbus_switch_state(xdev, state);
	while (!back_end_is(xdev, state) && time_before(jiffies, end))
		msleep(10);
}

static void netfront_remove(struct xenbus_device *xdev)
{
	struct netfront *nf = dev_get_drvdata(&xdev->dev);

	rtnl_lock();
	quiesce(nf);
	rtnl_unlock();
	/* As long as the back end has our pages they cannot be freed. */
	if (nf->connected) {
		close_and_wait(xdev, XenbusStateClosing);
		close_and_wait(xdev, XenbusStateClosed);
	}
	unregister_netdev(nf->dev);
	disconnect(nf);
	cancel_delayed_work_sync(&nf->notify_work);
	cancel_work_sync(&nf->fault_work);
	cancel_work_sync(&nf->multicast_work);
	netfront_destroy(nf);
}

/* In a new domain: the rings are nobody's any more, and the back end is another. */
static int netfront_resume(struct xenbus_device *xdev)
{
	struct netfront *nf = dev_get_drvdata(&xdev->dev);

	/* What the old one did wrong is not the new one's fault. */
	cancel_work_sync(&nf->fault_work);
	disconnect(nf);
	return 0;
}

static const struct xenbus_device_id netfront_ids[] = { { "vif" }, { "" } };

static struct xenbus_driver netfront_driver = {
	.name = "netfront",
	.ids = netfront_ids,
	.probe = netfront_probe,
	.remove = netfront_remove,
	.resume = netfront_resume,
	.otherend_changed = netfront_changed,
};

static int __init netfront_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	return xenbus_register_frontend(&netfront_driver);
}
module_init(netfront_init);

static void __exit netfront_exit(void)
{
	xenbus_unregister_driver(&netfront_driver);
}
module_exit(netfront_exit);

MODULE_DESCRIPTION("Xen virtual network interface: front end");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen:vif");
