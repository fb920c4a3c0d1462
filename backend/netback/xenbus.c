// SPDX-License-Identifier: GPL-2.0
/*
 * A vif's life: devices of the bus, states, and what xenstore says.
 *
 *	front end                       this back end
 *	Initialising                    InitWait: what it can do is in xenstore, and the
 *	                                interface is there for a script to plug it in
 *	Connected                       connects, once the script said that it did; Connected
 *	Reconfiguring                   reads what may change anew; Reconfigured
 *	Closing                         disconnects; Closing
 *	Closed                          Closed; and if the tools took the device away, it goes
 *
 * When it is unbound, to unload the module, the state in xenstore stays, and so do the
 * rings. The front end sees nothing but that nobody answers, until the module is loaded
 * again, finds a front end that is connected, and takes over its rings where they are.
 */
#include <linux/inet.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/version.h>
#include "netback.h"

enum { QUEUES_MAX = 16 };

static unsigned int max_queues;
module_param(max_queues, uint, 0644);
MODULE_PARM_DESC(max_queues, "queues that a front end may have, 1 to 16; 0: one a CPU");

/* What a front end may always rely on. */
static const char *const features[] = {
	"feature-sg",
	"feature-gso-tcpv4",
	"feature-gso-tcpv6",
	"feature-ipv6-csum-offload",
	"feature-rx-copy",
	"feature-split-event-channels",
	"feature-multicast-control",
	"feature-dynamic-multicast-control",
	"feature-ctrl-ring",
	"feature-xdp-headroom",
};

/* Keys that are looked at whenever they change; the last two are the front end's. */
static const char *const watched[NR_WATCHES] = {
	"hotplug-status", "rate", "mac", "ip", "antispoof", "request-multicast-control",
	"xdp-headroom",
};

enum { WATCHED_FRONT = 5 };

static int publish(struct vif *vif)
{
	struct xenbus_device *dev = vif->dev;
	unsigned int i;
	int error = 0;

	for (i = 0; i < ARRAY_SIZE(features) && !error; i++)
		error = xenbus_printf(XBT_NIL, dev->nodename, features[i], "1");
	if (!error)
		error = xenbus_printf(XBT_NIL, dev->nodename, "feature-rx-flip", "0");
	if (!error)
		error = xenbus_printf(XBT_NIL, dev->nodename, "multi-queue-max-queues", "%u",
				      vif->nr_queues_max);
	return error;
}

static void set_state(struct vif *vif, enum xenbus_state state)
{
	if (vif->dev->state != state)
		xenbus_switch_state(vif->dev, state);
}

/* The limit in "rate", bytes and the microseconds in which they may be sent: "B,U". */
static void read_rate(struct vif *vif)
{
	unsigned long long bytes = 0, usec = 0;
	int n = xenbus_scanf(XBT_NIL, vif->dev->nodename, "rate", "%llu,%llu", &bytes, &usec);

	if (n != -ENOENT && (n != 2 || bytes >= 1ULL << 40 || usec == 0 || usec >= 1ULL << 40)) {
		dev_warn(&vif->dev->dev, "rate is not BYTES,MICROSECONDS: no limit is set\n");
		n = 0;
	}
	if (n != 2)
		bytes = usec = 0;
	spin_lock_bh(&vif->credit_lock);
	credit_set(&vif->credit, bytes, usec * NSEC_PER_USEC, ktime_get_ns());
	spin_unlock_bh(&vif->credit_lock);
}

static bool parse_address(const char *text, struct spoof_address *a)
{
	unsigned int most = 128, bits;
	const char *end;

	memset(a, 0, sizeof(*a));
	if (strchr(text, ':')) {
		if (!in6_pton(text, -1, a->address, '/', &end))
			return false;
	} else {
		a->address[10] = a->address[11] = 0xff;
		most = 32;
		if (!in4_pton(text, -1, a->address + 12, '/', &end))
			return false;
	}
	bits = most;
	if (*end && (*end != '/' || kstrtouint(end + 1, 10, &bits) || bits > most))
		return false;
	a->bits = bits + 128 - most;
	return true;
}

/* Addresses, with blanks between. False: one is none, or there are too many. */
static bool parse_addresses(char *text, struct spoof *spoof)
{
	char *word;

	while ((word = strsep(&text, " "))) {
		if (!*word)
			continue;
		if (spoof->nr_addresses == SPOOF_ADDRESSES_MAX ||
		    !parse_address(word, &spoof->addresses[spoof->nr_addresses++])) {
			return false;
		}
	}
	return true;
}

/*
 * Which addresses the domain may use, if "antispoof" is 1. If they cannot be told, nothing
 * passes: it was asked for that nothing wrong does.
 */
static void read_spoof(struct vif *vif)
{
	const char *node = vif->dev->nodename;
	struct spoof *spoof = NULL, *old;
	char *mac, *ip;

	if (xenbus_read_unsigned(node, "antispoof", 0)) {
		spoof = kzalloc(sizeof(*spoof), GFP_KERNEL | __GFP_NOFAIL);
		mac = xenbus_read(XBT_NIL, node, "mac", NULL);
		ip = xenbus_read(XBT_NIL, node, "ip", NULL);
		if (IS_ERR(mac) || !mac_pton(mac, spoof->mac) ||
		    (!IS_ERR(ip) && !parse_addresses(ip, spoof))) {
			dev_err(&vif->dev->dev, "antispoof: bad mac or ip: nothing may pass\n");
			memset(spoof, 0, sizeof(*spoof));
			spoof->nr_addresses = 1;
			spoof->addresses[0].bits = 128;
		}
		if (!IS_ERR(mac))
			kfree(mac);
		if (!IS_ERR(ip))
			kfree(ip);
	}
	old = rcu_dereference_protected(vif->spoof, lockdep_is_held(&vif->lock));
	if (!spoof && !old)
		return;
	rcu_assign_pointer(vif->spoof, spoof);
	synchronize_rcu();
	kfree(old);
}

/* All that may change while the vif is connected, but for its states. */
static void read_config(struct vif *vif)
{
	const char *front = vif->dev->otherend;
	unsigned int headroom;

	read_rate(vif);
	read_spoof(vif);
	WRITE_ONCE(vif->multicast.requested,
		   xenbus_read_unsigned(front, "request-multicast-control", 0));
	headroom = xenbus_read_unsigned(front, "xdp-headroom", 0);
	/* There is to be room for a packet too. */
	WRITE_ONCE(vif->xdp_headroom, min_t(unsigned int, headroom, XEN_PAGE_SIZE / 2));
}

static netdev_features_t read_features(const char *front)
{
	netdev_features_t f = 0;

	if (xenbus_read_unsigned(front, "feature-sg", 0))
		f |= NETIF_F_SG | NETIF_F_FRAGLIST;
	if (xenbus_read_unsigned(front, "feature-gso-tcpv4", 0))
		f |= NETIF_F_TSO;
	if (xenbus_read_unsigned(front, "feature-gso-tcpv6", 0))
		f |= NETIF_F_TSO6;
	if (!xenbus_read_unsigned(front, "feature-no-csum-offload", 0))
		f |= NETIF_F_IP_CSUM;
	if (xenbus_read_unsigned(front, "feature-ipv6-csum-offload", 0))
		f |= NETIF_F_IPV6_CSUM;
	return f;
}

/* The queue whose keys are in directory. */
static struct queue *connect_queue(struct vif *vif, unsigned int id, const char *directory)
{
	unsigned int tx_ref, rx_ref, tx_port, rx_port;
	int error;

	error = xenbus_gather(XBT_NIL, directory, "tx-ring-ref", "%u", &tx_ref, "rx-ring-ref",
			      "%u", &rx_ref, NULL);
	if (error)
		return ERR_PTR(error);
	error = xenbus_gather(XBT_NIL, directory, "event-channel-tx", "%u", &tx_port,
			      "event-channel-rx", "%u", &rx_port, NULL);
	if (error) {
		error = xenbus_gather(XBT_NIL, directory, "event-channel", "%u", &tx_port, NULL);
		rx_port = tx_port;
	}
	if (error)
		return ERR_PTR(error);
	return queue_create(vif, id, tx_ref, rx_ref, tx_port, rx_port);
}

static void disconnect(struct vif *vif);

/* Make the queues that the front end asks for. What there is after an error goes too. */
static int connect_queues(struct vif *vif)
{
	const char *front = vif->dev->otherend;
	unsigned int nr = xenbus_read_unsigned(front, "multi-queue-num-queues", 1), i;
	int error = 0;

	if (nr == 0 || nr > vif->nr_queues_max) {
		xenbus_dev_fatal(vif->dev, -EINVAL, "%u queues, of 1 to %u", nr,
				 vif->nr_queues_max);
		return -EINVAL;
	}
	for (i = 0; i < nr && !error; i++) {
		char *directory = nr == 1 ? kstrdup(front, GFP_KERNEL) :
					    kasprintf(GFP_KERNEL, "%s/queue-%u", front, i);
		struct queue *queue = directory ? connect_queue(vif, i, directory) :
						  ERR_PTR(-ENOMEM);

		kfree(directory);
		error = PTR_ERR_OR_ZERO(queue);
		if (!error)
			vif->queues[i] = queue;
	}
	if (error) {
		xenbus_dev_fatal(vif->dev, error, "connecting queue %u", i - 1);
		return error;
	}
	vif->nr_queues = nr;
	return 0;
}

static int connect_control(struct vif *vif)
{
	const char *front = vif->dev->otherend;
	unsigned int ref, port;
	int error;

	if (xenbus_scanf(XBT_NIL, front, "ctrl-ring-ref", "%u", &ref) != 1)
		return 0;
	error = xenbus_gather(XBT_NIL, front, "event-channel-ctrl", "%u", &port, NULL);
	if (!error)
		error = control_connect(vif, ref, port);
	if (error)
		xenbus_dev_fatal(vif->dev, error, "connecting the control ring");
	return error;
}

/* Connect to a front end that is ready. Errors are in xenstore, and nothing is left. */
static int connect(struct vif *vif)
{
	const char *front = vif->dev->otherend;
	int error;

	if (!xenbus_read_unsigned(front, "request-rx-copy", 0) ||
	    !xenbus_read_unsigned(front, "feature-rx-notify", 0)) {
		xenbus_dev_fatal(vif->dev, -EOPNOTSUPP,
				 "the front end has no request-rx-copy, or no feature-rx-notify");
		return -EOPNOTSUPP;
	}
	read_config(vif);
	vif->front_features = read_features(front);
	vif->connected = true;
	error = connect_queues(vif);
	if (!error) {
		interface_start(vif);
		error = connect_control(vif);
	}
	if (error)
		disconnect(vif);
	return error;
}

/* Let go of all that is the front end's. */
static void disconnect(struct vif *vif)
{
	unsigned int i;

	if (!vif->connected)
		return;
	vif->connected = false;
	control_disconnect(vif);
	interface_stop(vif);
	for (i = 0; i < vif->nr_queues_max; i++) {
		if (vif->queues[i])
			queue_destroy(vif->queues[i]);
		vif->queues[i] = NULL;
	}
	vif->multicast.nr = 0;
}

/* Is the interface where it shall be? Only a script tells; without one it is. */
static bool plugged_in(struct vif *vif)
{
	char *status;
	bool connected;

	if (!vif->script)
		return true;
	status = xenbus_read(XBT_NIL, vif->dev->nodename, "hotplug-status", NULL);
	if (IS_ERR(status))
		return false;
	connected = strcmp(status, "connected") == 0;
	kfree(status);
	return connected;
}

static void try_connect(struct vif *vif)
{
	if (vif->connected) {
		/* Back from Reconfiguring, for one. */
		set_state(vif, XenbusStateConnected);
		return;
	}
	if (vif->broken || vif->dev->state == XenbusStateClosing ||
	    vif->dev->state == XenbusStateClosed || !plugged_in(vif))
		return;
	if (!connect(vif))
		set_state(vif, XenbusStateConnected);
}

/* Do what the front end's state asks for. True: the device is to go. */
static bool update(struct vif *vif)
{
	switch (vif->front_state) {
	case XenbusStateInitialising:
		/* A front end that starts anew. */
		disconnect(vif);
		clear_bit(0, &vif->broken);
		set_state(vif, XenbusStateInitWait);
		return false;
	case XenbusStateInitialised:
	case XenbusStateConnected:
		try_connect(vif);
		return false;
	case XenbusStateReconfiguring:
		read_config(vif);
		if (vif->connected)
			set_state(vif, XenbusStateReconfigured);
		return false;
	case XenbusStateClosing:
		disconnect(vif);
		set_state(vif, XenbusStateClosing);
		return false;
	case XenbusStateClosed:
		disconnect(vif);
		set_state(vif, XenbusStateClosed);
		return !xenbus_dev_is_online(vif->dev);
	case XenbusStateUnknown:
		disconnect(vif);
		set_state(vif, XenbusStateClosed);
		/* A state that is none is no reason to go; that there is no front end is. */
		return !xenbus_dev_is_online(vif->dev) ||
		       !xenbus_exists(XBT_NIL, vif->dev->otherend, "state");
	default:
		return false;
	}
}

static void front_changed(struct xenbus_device *dev, enum xenbus_state state)
{
	struct vif *vif = dev_get_drvdata(&dev->dev);
	bool gone;

	mutex_lock(&vif->lock);
	vif->front_state = state;
	gone = update(vif);
	mutex_unlock(&vif->lock);
	if (gone) {
		kobject_uevent(&dev->dev.kobj, KOBJ_OFFLINE);
		device_unregister(&dev->dev);
	}
}

static void break_work(struct work_struct *work)
{
	struct vif *vif = container_of(work, struct vif, break_work);

	mutex_lock(&vif->lock);
	disconnect(vif);
	set_state(vif, XenbusStateClosing);
	mutex_unlock(&vif->lock);
}

/* A key changed, or the interface went up or down. */
static void config_work(struct work_struct *work)
{
	struct vif *vif = container_of(work, struct vif, config_work);

	mutex_lock(&vif->lock);
	read_config(vif);
	xenbus_printf(XBT_NIL, vif->dev->nodename, "carrier", "%u",
		      netif_running(vif->net) ? 1 : 0);
	if (!vif->connected && (vif->front_state == XenbusStateInitialised ||
				vif->front_state == XenbusStateConnected))
		update(vif);
	mutex_unlock(&vif->lock);
}

static void config_changed(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct vif *vif = container_of(watch, struct config_watch, watch)->vif;

	schedule_work(&vif->config_work);
}

static int watch_config(struct vif *vif)
{
	struct xenbus_device *dev = vif->dev;
	unsigned int i;
	int error;

	for (i = 0; i < NR_WATCHES; i++) {
		struct config_watch *w = &vif->watches[i];

		w->vif = vif;
		error = xenbus_watch_pathfmt(dev, &w->watch, NULL, config_changed, "%s/%s",
					     i < WATCHED_FRONT ? dev->nodename : dev->otherend,
					     watched[i]);
		if (error)
			return error;
		w->registered = true;
	}
	return 0;
}

static void unwatch_config(struct vif *vif)
{
	unsigned int i;

	for (i = 0; i < NR_WATCHES; i++) {
		struct config_watch *w = &vif->watches[i];

		if (!w->registered)
			continue;
		unregister_xenbus_watch(&w->watch);
		kfree(w->watch.node);
		w->registered = false;
	}
}

static bool has_script(struct xenbus_device *dev)
{
	char *script = xenbus_read(XBT_NIL, dev->nodename, "script", NULL);

	if (IS_ERR(script))
		return false;
	kfree(script);
	return true;
}

static void remove(struct xenbus_device *dev)
{
	struct vif *vif = dev_get_drvdata(&dev->dev);
	struct spoof *spoof;

	if (!vif)
		return;
	unwatch_config(vif);
	mutex_lock(&vif->lock);
	set_bit(0, &vif->broken); /* so that nothing connects it again */
	/* While it is registered: its carrier goes, and the kernel remembers the device for that. */
	disconnect(vif);
	mutex_unlock(&vif->lock);
	if (vif->net->reg_state == NETREG_REGISTERED)
		unregister_netdev(vif->net);
	cancel_work_sync(&vif->break_work);
	cancel_work_sync(&vif->config_work);
	dev_set_drvdata(&dev->dev, NULL);
	spoof = rcu_dereference_protected(vif->spoof, true);
	kfree(spoof);
	kfree(vif->queues);
	free_netdev(vif->net);
}

static int probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
	unsigned int nr = clamp(max_queues ?: num_online_cpus(), 1U, (unsigned int)QUEUES_MAX);
	struct net_device *net;
	struct vif *vif;
	int handle, error;

	error = xenbus_scanf(XBT_NIL, dev->nodename, "handle", "%d", &handle);
	if (error != 1 || handle < 0) {
		xenbus_dev_fatal(dev, -EINVAL, "reading handle");
		return -EINVAL;
	}
	net = interface_create(dev, handle, nr);
	if (!net) {
		xenbus_dev_fatal(dev, -ENOMEM, "creating the interface");
		return -ENOMEM;
	}
	vif = netdev_priv(net);
	vif->dev = dev;
	vif->net = net;
	vif->handle = handle;
	vif->nr_queues_max = nr;
	strscpy(vif->label, net->name, sizeof(vif->label));
	mutex_init(&vif->lock);
	spin_lock_init(&vif->credit_lock);
	spin_lock_init(&vif->multicast.lock);
	INIT_WORK(&vif->break_work, break_work);
	INIT_WORK(&vif->config_work, config_work);
	dev_set_drvdata(&dev->dev, vif);
	vif->script = has_script(dev);
	vif->queues = kcalloc(nr, sizeof(*vif->queues), GFP_KERNEL);
	error = vif->queues ? publish(vif) : -ENOMEM;
	if (!error)
		error = register_netdev(net);
	if (!error)
		error = watch_config(vif);
	if (!error)
		error = xenbus_switch_state(dev, XenbusStateInitWait);
	if (error) {
		xenbus_dev_fatal(dev, error, "starting");
		remove(dev);
		return error;
	}
	/* For udev, where it runs the script. */
	kobject_uevent(&dev->dev.kobj, KOBJ_ONLINE);
	return 0;
}

/* What scripts need to know; the bus adds where the device is in xenstore. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
static int uevent(const struct xenbus_device *dev, struct kobj_uevent_env *env)
#else
static int uevent(struct xenbus_device *dev, struct kobj_uevent_env *env)
#endif
{
	struct vif *vif = dev_get_drvdata(&dev->dev);
	char *script;
	int error;

	if (!vif)
		return 0;
	script = xenbus_read(XBT_NIL, dev->nodename, "script", NULL);
	if (!IS_ERR(script)) {
		error = add_uevent_var(env, "script=%s", script);
		kfree(script);
		if (error)
			return error;
	}
	return add_uevent_var(env, "vif=%s", vif->label);
}

static const struct xenbus_device_id ids[] = { { "vif" }, { "" } };

static struct xenbus_driver driver = {
	.ids = ids,
	.probe = probe,
	.remove = remove,
	.uevent = uevent,
	.otherend_changed = front_changed,
	.allow_rebind = true,
};

static int __init start(void)
{
	if (!xen_domain())
		return -ENODEV;
	if (max_queues > QUEUES_MAX) {
		pr_err("netback: max_queues is %u, and may be 0 to %u\n", max_queues, QUEUES_MAX);
		return -EINVAL;
	}
	return xenbus_register_backend(&driver);
}
module_init(start);

static void __exit finish(void)
{
	xenbus_unregister_driver(&driver);
}
module_exit(finish);

MODULE_DESCRIPTION("Network back end of the split driver for Xen's PV interface");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen-backend:vif");
MODULE_ALIAS("xen-netback"); /* what scripts load */
