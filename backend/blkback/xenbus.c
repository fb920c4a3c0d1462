// SPDX-License-Identifier: GPL-2.0
/*
 * The vbd: a disk of a front end's, from the directory backend/vbd/DOMAIN/DEVICE that the
 * tools make in xenstore until they take it away.
 *
 * Whatever happens (the front end changes its state, the tools write a key, a ring is broken,
 * the disk changes its size) only queues one work item, vbd_update_work(), which looks at what
 * both sides say now and does what is due: so there is one place where things are connected
 * and disconnected, and no order of events to get wrong.
 *
 *	front end		we
 *	Initialising		InitWait, once there is no connection left
 *	Initialised, Connected	InitWait until the tools have written physical-device; then
 *				the rings are mapped, the disk is described: Connected
 *	Closing			Closing; what it still sends is served
 *	Closed			all that is under way is finished, then Closed
 *
 * When we are Closed and the key online does not say that the front end may come back, the
 * device is removed. That has to happen where xenbus itself removes devices, in the thread
 * of watches, so it is done by the watch on our own directory.
 *
 * When this module is removed, the states in xenstore stay as they are and rings keep what
 * is not taken yet; when it is loaded again, it finds the front end Connected and goes on.
 *
 * Keys of the tools besides those of the protocol: limit-bytes and limit-requests, how much
 * a second; looked at when they change.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/xen.h>
#include <xen/events.h>
#include <xen/interface/io/protocols.h>
#include "blkback.h"

static unsigned int max_queues;
module_param(max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues, "rings that a front end may have for one disk (0: one a CPU)");

static unsigned int max_ring_page_order = RING_ORDER_MAX;
module_param(max_ring_page_order, uint, 0444);
MODULE_PARM_DESC(max_ring_page_order, "largest ring, as a power of two of pages");

static bool persistent = true;
module_param(persistent, bool, 0644);
MODULE_PARM_DESC(persistent, "offer to keep the front end's pages mapped");

#define RESIZE_PERIOD HZ

/* A front end's mistake: a line in the log, and where the tools look. */
#define complain(vbd, fmt, ...)                                                                \
	dev_err_ratelimited(&(vbd)->dev->dev, "domain %d: " fmt "\n", (vbd)->dev->otherend_id, \
			    ##__VA_ARGS__)

void vbd_update(struct vbd *vbd)
{
	queue_work(system_unbound_wq, &vbd->update);
}

/**
 * vbd_break() - disconnect a front end that does what it must not
 *
 * From a ring's thread, which goes no further. It is disconnected soon.
 */
void vbd_break(struct vbd *vbd, const char *why)
{
	complain(vbd, "disconnected: %s", why);
	WRITE_ONCE(vbd->broken, true);
	vbd_update(vbd);
}

static void disconnect(struct vbd *vbd)
{
	while (vbd->nr_rings)
		ring_destroy(vbd->rings[--vbd->nr_rings]);
}

static void close_disk(struct vbd *vbd)
{
	cancel_delayed_work_sync(&vbd->resize);
	disk_close(&vbd->disk);
}

/* What a front end has to know before it makes its rings. */
static int publish_features(struct vbd *vbd)
{
	const struct {
		const char *key;
		unsigned int value;
	} features[] = {
		{ "max-ring-page-order", max_ring_page_order },
		{ "multi-queue-max-queues", vbd->nr_queues_max },
		{ "feature-max-indirect-segments", SEGMENTS_MAX },
		{ "feature-persistent", persistent },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(features) && !err; i++)
		err = xenbus_printf(XBT_NIL, vbd->dev->nodename, features[i].key, "%u",
				    features[i].value);
	return err;
}

/* The layout that the front end says its rings have, or NULL. */
static const struct request_abi *read_protocol(const char *front)
{
	char *name = xenbus_read(XBT_NIL, front, "protocol", NULL);
	const struct request_abi *abi = NULL;

	if (IS_ERR(name)) /* none: native */
		return PTR_ERR(name) == -ENOENT ? &request_abi_x86_64 : NULL;
	if (!strcmp(name, XEN_IO_PROTO_ABI_X86_64))
		abi = &request_abi_x86_64;
	else if (!strcmp(name, XEN_IO_PROTO_ABI_X86_32))
		abi = &request_abi_x86_32;
	kfree(name);
	return abi;
}

/* Read one ring's keys, below dir, and connect to it. */
static int connect_ring(struct vbd *vbd, unsigned int queue, const char *dir, unsigned int order,
			const struct request_abi *abi, bool keep)
{
	grant_ref_t grefs[1 << RING_ORDER_MAX];
	unsigned int i, nr = 1 << order;
	evtchn_port_t port;
	struct ring *ring;
	char key[16];

	for (i = 0; i < nr; i++) {
		snprintf(key, sizeof(key), order ? "ring-ref%u" : "ring-ref", i);
		if (xenbus_scanf(XBT_NIL, dir, key, "%u", &grefs[i]) != 1) {
			complain(vbd, "%s/%s is not a number", dir, key);
			return -EINVAL;
		}
	}
	if (xenbus_scanf(XBT_NIL, dir, "event-channel", "%u", &port) != 1) {
		complain(vbd, "%s/event-channel is not a number", dir);
		return -EINVAL;
	}
	ring = ring_create(vbd, queue, abi, grefs, nr, port, keep);
	if (IS_ERR(ring)) {
		complain(vbd, "no connection to the ring of %s: %ld", dir, PTR_ERR(ring));
		return PTR_ERR(ring);
	}
	vbd->rings[vbd->nr_rings++] = ring;
	return 0;
}

/* Connect to all rings. Complains; what is connected stays when one fails. */
static int connect_rings(struct vbd *vbd)
{
	const char *front = vbd->dev->otherend;
	unsigned int nr = xenbus_read_unsigned(front, "multi-queue-num-queues", 1);
	unsigned int order = xenbus_read_unsigned(front, "ring-page-order", 0);
	bool keep = persistent && xenbus_read_unsigned(front, "feature-persistent", 0);
	const struct request_abi *abi = read_protocol(front);
	unsigned int queue;
	int err = 0;

	if (!abi) {
		complain(vbd, "%s/protocol is neither " XEN_IO_PROTO_ABI_X86_64 " nor "
			 XEN_IO_PROTO_ABI_X86_32, front);
		return -EINVAL;
	}
	if (!nr || nr > vbd->nr_queues_max) {
		complain(vbd, "%s/multi-queue-num-queues is %u, not 1 to %u", front, nr,
			 vbd->nr_queues_max);
		return -EINVAL;
	}
	if (order > max_ring_page_order) {
		complain(vbd, "%s/ring-page-order is %u, not 0 to %u", front, order,
			 max_ring_page_order);
		return -EINVAL;
	}
	if (nr == 1)
		return connect_ring(vbd, 0, front, order, abi, keep);
	for (queue = 0; queue < nr && !err; queue++) {
		char *dir = kasprintf(GFP_KERNEL, "%s/queue-%u", front, queue);

		err = dir ? connect_ring(vbd, queue, dir, order, abi, keep) : -ENOMEM;
		kfree(dir);
	}
	return err;
}

/*
 * Tell what the disk is, and our state, at once. The state is written again when it is
 * Connected already: that is how a front end learns of another size.
 */
static int publish_disk(struct vbd *vbd)
{
	struct xenbus_device *dev = vbd->dev;
	struct xenbus_transaction xbt;
	int err;

	do {
		err = xenbus_transaction_start(&xbt);
		if (err)
			break;
		err = disk_publish(vbd, xbt);
		if (!err && dev->state == XenbusStateConnected)
			err = xenbus_printf(xbt, dev->nodename, "state", "%d", dev->state);
		if (err) {
			xenbus_transaction_end(xbt, 1);
			break;
		}
		err = xenbus_transaction_end(xbt, 0);
	} while (err == -EAGAIN);
	if (err)
		xenbus_dev_error(dev, err, "writing what the disk is");
	return err;
}

/* Open the disk if the tools have said which; false if not yet, or if it cannot be. */
static bool open_disk(struct vbd *vbd)
{
	struct xenbus_device *dev = vbd->dev;
	unsigned int major, minor;
	dev_t device;
	int err;

	if (xenbus_scanf(XBT_NIL, dev->nodename, "physical-device", "%x:%x", &major, &minor) != 2)
		return false;
	device = MKDEV(major, minor);
	if (vbd->disk.bdev && vbd->disk.device == device)
		return true;
	if (vbd->nr_rings) {
		xenbus_dev_error(dev, -EBUSY, "physical-device changed to %x:%x while in use",
				 major, minor);
		return true;
	}
	close_disk(vbd);
	if (MAJOR(device) != major || MINOR(device) != minor) {
		xenbus_dev_fatal(dev, -EINVAL, "physical-device is %x:%x", major, minor);
		return false;
	}
	err = disk_open(vbd, device);
	if (err)
		xenbus_dev_fatal(dev, err, "opening the disk %x:%x", major, minor);
	return !err;
}

static void connect(struct vbd *vbd)
{
	struct xenbus_device *dev = vbd->dev;

	if (vbd->nr_rings || dev->state == XenbusStateClosing || !open_disk(vbd))
		return;
	vbd->disk.limits.sectors = bdev_nr_sectors(vbd->disk.bdev);
	if (publish_disk(vbd))
		return;
	if (connect_rings(vbd)) {
		disconnect(vbd);
		xenbus_switch_state(dev, XenbusStateClosing);
		return;
	}
	xenbus_switch_state(dev, XenbusStateConnected);
	queue_delayed_work(system_wq, &vbd->resize, RESIZE_PERIOD);
}

/* The disk has another size: hold the front end to it, and tell it. */
static void resize(struct vbd *vbd)
{
	if (!vbd->nr_rings || !disk_resized(&vbd->disk))
		return;
	WRITE_ONCE(vbd->disk.limits.sectors, bdev_nr_sectors(vbd->disk.bdev));
	dev_info(&vbd->dev->dev, "%llu sectors\n", vbd->disk.limits.sectors);
	publish_disk(vbd);
}

static void read_limit(struct vbd *vbd, const char *key, struct limit *limit)
{
	u64 rate;

	if (xenbus_scanf(XBT_NIL, vbd->dev->nodename, key, "%llu", &rate) == 1)
		limits_set(&vbd->rate, limit, rate);
}

static void leave(struct vbd *vbd, enum xenbus_state state)
{
	if (state == XenbusStateClosed) {
		disconnect(vbd);
		close_disk(vbd);
	}
	if (vbd->dev->state != state)
		xenbus_switch_state(vbd->dev, state);
}

/* Look at what both sides say, and do what is due. */
static void update(struct vbd *vbd)
{
	struct xenbus_device *dev = vbd->dev;
	enum xenbus_state front = xenbus_read_driver_state(dev->otherend);

	if (READ_ONCE(vbd->broken)) {
		disconnect(vbd);
		WRITE_ONCE(vbd->broken, false);
		leave(vbd, XenbusStateClosing);
	}
	if (xchg(&vbd->front_left, false) && vbd->nr_rings)
		leave(vbd, XenbusStateClosed);

	switch (front) {
	case XenbusStateInitialising:
	case XenbusStateInitialised:
	case XenbusStateConnected:
		if (front == XenbusStateInitialising && vbd->nr_rings)
			leave(vbd, XenbusStateClosed);
		if (!vbd->nr_rings && dev->state != XenbusStateInitWait &&
		    (dev->state != XenbusStateClosing || front == XenbusStateInitialising)) {
			publish_features(vbd);
			xenbus_switch_state(dev, XenbusStateInitWait);
		}
		if (front != XenbusStateInitialising)
			connect(vbd);
		else
			open_disk(vbd);
		resize(vbd);
		break;
	case XenbusStateClosing:
		leave(vbd, XenbusStateClosing);
		break;
	case XenbusStateClosed:
	case XenbusStateUnknown: /* its directory is gone */
		leave(vbd, XenbusStateClosed);
		break;
	default:
		break;
	}
}

static void vbd_update_work(struct work_struct *work)
{
	struct vbd *vbd = container_of(work, struct vbd, update);

	mutex_lock(&vbd->lock);
	if (!vbd->removed)
		update(vbd);
	mutex_unlock(&vbd->lock);
}

static void resize_work(struct work_struct *work)
{
	struct vbd *vbd = container_of(work, struct vbd, resize.work);

	if (disk_resized(&vbd->disk))
		vbd_update(vbd);
	queue_delayed_work(system_wq, &vbd->resize, RESIZE_PERIOD);
}

/* The last part of a path. */
static bool path_ends(const char *path, const char *name)
{
	return !strcmp(kbasename(path), name);
}

/* Of all that is written in our directory, what we look at. */
static bool vbd_watches(struct xenbus_watch *watch, const char *path, const char *token)
{
	return path_ends(path, "state") || path_ends(path, "online") ||
	       path_ends(path, "physical-device") || path_ends(path, "limit-bytes") ||
	       path_ends(path, "limit-requests");
}

static void vbd_changed(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct vbd *vbd = container_of(watch, struct vbd, watch);
	struct xenbus_device *dev = vbd->dev;

	if (path_ends(path, "limit-bytes"))
		read_limit(vbd, "limit-bytes", &vbd->rate.bytes);
	else if (path_ends(path, "limit-requests"))
		read_limit(vbd, "limit-requests", &vbd->rate.ops);
	else if (path_ends(path, "physical-device"))
		vbd_update(vbd);
	else if (READ_ONCE(dev->state) == XenbusStateClosed && !xenbus_dev_is_online(dev))
		device_unregister(&dev->dev); /* vbd_remove(): there is no vbd any more */
}

static void front_changed(struct xenbus_device *dev, enum xenbus_state state)
{
	struct vbd *vbd = dev_get_drvdata(&dev->dev);

	if (state == XenbusStateClosed)
		WRITE_ONCE(vbd->front_left, true);
	vbd_update(vbd);
}

static void vbd_free(struct vbd *vbd)
{
	kvfree(vbd->stats);
	kfree(vbd->rings);
	kfree(vbd);
}

static int vbd_probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
	struct vbd *vbd = kzalloc(sizeof(*vbd), GFP_KERNEL);
	int err = -ENOMEM;

	if (!vbd)
		return err;
	vbd->dev = dev;
	vbd->nr_queues_max = max_queues;
	vbd->stats = kvcalloc(max_queues, sizeof(*vbd->stats), GFP_KERNEL);
	vbd->rings = kcalloc(max_queues, sizeof(*vbd->rings), GFP_KERNEL);
	if (!vbd->stats || !vbd->rings)
		goto fail;
	mutex_init(&vbd->lock);
	limits_init(&vbd->rate);
	INIT_WORK(&vbd->update, vbd_update_work);
	INIT_DEFERRABLE_WORK(&vbd->resize, resize_work);
	dev_set_drvdata(&dev->dev, vbd);
	read_limit(vbd, "limit-bytes", &vbd->rate.bytes);
	read_limit(vbd, "limit-requests", &vbd->rate.ops);
	err = xenbus_watch_path(dev, dev->nodename, &vbd->watch, vbd_watches, vbd_changed);
	if (err)
		goto fail;
	/* The front end's state is looked at when xenbus starts to watch it, after this. */
	return 0;

fail:
	xenbus_dev_fatal(dev, err, "starting");
	dev_set_drvdata(&dev->dev, NULL);
	vbd_free(vbd);
	return err;
}

/* Gone, or the module is being unloaded: finish what was taken, and let go of everything. */
static void vbd_remove(struct xenbus_device *dev)
{
	struct vbd *vbd = dev_get_drvdata(&dev->dev);

	unregister_xenbus_watch(&vbd->watch);
	mutex_lock(&vbd->lock);
	vbd->removed = true;
	disconnect(vbd);
	close_disk(vbd);
	mutex_unlock(&vbd->lock);
	/* Nobody asks for another. */
	cancel_work_sync(&vbd->update);
	dev_set_drvdata(&dev->dev, NULL);
	vbd_free(vbd);
}

static const struct xenbus_device_id vbd_ids[] = {
	{ "vbd" },
	{ "" },
};

static struct xenbus_driver vbd_driver = {
	.ids = vbd_ids,
	.allow_rebind = true, /* the states stay when the module is removed */
	.probe = vbd_probe,
	.remove = vbd_remove,
	.otherend_changed = front_changed,
	.driver = {
		.dev_groups = vbd_groups,
	},
};

static int __init blkback_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	if (!max_queues)
		max_queues = num_online_cpus();
	if (max_ring_page_order > RING_ORDER_MAX) {
		pr_err("blkback: max_ring_page_order is %u, not 0 to %u\n", max_ring_page_order,
		       RING_ORDER_MAX);
		return -EINVAL;
	}
	return xenbus_register_backend(&vbd_driver);
}
module_init(blkback_init);

static void __exit blkback_exit(void)
{
	xenbus_unregister_driver(&vbd_driver);
}
module_exit(blkback_exit);

MODULE_DESCRIPTION("Xenolith: serves disks to other domains");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen-backend:vbd");
MODULE_ALIAS("xen-blkback"); /* what scripts load */
