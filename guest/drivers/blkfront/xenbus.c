// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a disk, as xenbus tells it: the back end's states come by xenwatch, one
 * after the other, and what they mean depends on whether it is "online", that is,
 * whether the tools want the disk to be there.
 *
 *     InitWait       there is a back end: make rings, publish them  -> Initialised
 *     Connected      the first time: make the disk; again: carry on -> Connected
 *     Connected      while connected: the disk may have another size
 *     Closing, online    it will come back: send nothing more       -> Closed
 *     Closed, online     it has let go of the rings: take them down -> Initialising
 *     Closing, offline   unplugged: the disk goes in good order     -> Closed
 *     Closed, offline; gone; or it lied: all I/O fails, the disk goes -> Closed
 *
 * A back end whose driver was unbound and bound again without these states goes on
 * with the rings it finds; InitWait while we are connected needs nothing.
 *
 * Xenwatch serves all devices, so that nothing here may wait for a back end. What
 * has to (the first look at partitions, the end of a disk) is done by dev->work.
 */
#include <linux/delay.h>
#include <linux/major.h>
#include <linux/module.h>
#include <xen/platform_pci.h>
#include <xen/xen.h>

#include "blkfront.h"

static LIST_HEAD(devices);
static DEFINE_MUTEX(devices_lock);

/* Any context. The back end lied, or is of no use: the disk ends, with one line. */
void bf_break(struct bf_dev *dev, const char *why)
{
	if (xchg(&dev->dead, true))
		return;
	pr_err_ratelimited("blkfront: %s: back end of domain %u: %s; disconnected\n",
			   dev->name.text, dev->peer, why);
	schedule_work(&dev->work);
}

/* There is no back end any more. dev->lock is held. */
static void lose_back_end(struct bf_dev *dev)
{
	WRITE_ONCE(dev->dead, true);
	bf_disconnect(dev);
	schedule_work(&dev->work);
}

static void handshake(struct bf_dev *dev)
{
	int err;

	if (dev->published || dev->closing || dev->dead)
		return;
	err = bf_publish(dev);
	if (err) {
		xenbus_dev_error(dev->xbdev, err, "%s: no rings", dev->name.text);
		lose_back_end(dev);
		return;
	}
	xenbus_switch_state(dev->xbdev, XenbusStateInitialised);
}

static void tell_connected(struct bf_dev *dev)
{
	struct bf_features *f = &dev->features;

	pr_info("blkfront: %s: %llu MiB, %u x %u requests of up to %u pages%s%s%s%s\n",
		dev->name.text, dev->geometry.sectors >> (20 - SECTOR_SHIFT), dev->nr_rings,
		dev->rings[0].nr_slots, f->segments,
		f->flush   ? ", flush" :
		f->barrier ? ", barrier" :
			     "",
		f->discard ? ", discard" : "", f->persistent ? ", persistent grants" : "",
		dev->trusted ? "" : ", not trusted");
}

static void connected(struct bf_dev *dev)
{
	if (dev->closing || dev->dead)
		return;
	if (!dev->published) {
		handshake(dev);
		return;
	}
	if (bf_read_disk(dev)) {
		lose_back_end(dev);
		return;
	}
	if (dev->connected) {
		bf_disk_resize(dev);
		return;
	}
	if (dev->disk) {
		bf_disk_limits(dev);
		bf_disk_resize(dev);
	} else if (bf_disk_create(dev)) {
		xenbus_dev_error(dev->xbdev, -ENOMEM, "%s: no disk", dev->name.text);
		lose_back_end(dev);
		return;
	}
	dev->connected = true;
	tell_connected(dev);
	xenbus_switch_state(dev->xbdev, XenbusStateConnected);
	if (dev->quiesced) {
		dev->quiesced = false;
		blk_mq_unquiesce_queue(dev->disk->queue);
	}
	schedule_work(&dev->work);
}

/* It ends, but it still serves us. */
static void closing(struct bf_dev *dev, bool online)
{
	if (!online) {
		dev->closing = true;
		schedule_work(&dev->work);
	} else if (dev->published) {
		if (dev->disk && !dev->quiesced) {
			dev->quiesced = true;
			blk_mq_quiesce_queue(dev->disk->queue);
		}
		dev->connected = false;
		xenbus_switch_state(dev->xbdev, XenbusStateClosed);
	}
}

static void closed(struct bf_dev *dev, bool online)
{
	if (!online) {
		lose_back_end(dev);
		return;
	}
	if (dev->closing || dev->dead)
		return;
	bf_disconnect(dev);
	if (dev->xbdev->state != XenbusStateInitialising)
		xenbus_switch_state(dev->xbdev, XenbusStateInitialising);
}

static void back_end_changed(struct xenbus_device *xbdev, enum xenbus_state state)
{
	struct bf_dev *dev = dev_get_drvdata(&xbdev->dev);
	bool online = xenbus_read_unsigned(xbdev->otherend, "online", 0);

	mutex_lock(&dev->lock);
	switch (state) {
	case XenbusStateInitWait:
	case XenbusStateInitialised:
		handshake(dev);
		break;
	case XenbusStateConnected:
		connected(dev);
		break;
	case XenbusStateClosing:
		closing(dev, online);
		break;
	case XenbusStateClosed:
		closed(dev, online);
		break;
	case XenbusStateUnknown:
		/* Its domain is gone. The tools take the disk away, too, or give us another. */
		if (dev->published)
			closed(dev, true);
		break;
	default:
		break;
	}
	mutex_unlock(&dev->lock);
}

/* dev->work: submit again what did not fit. */
static void submit_again(struct bf_dev *dev)
{
	struct bio_list bios;
	struct bio *bio;

	spin_lock_irq(&dev->again_lock);
	bios = dev->again;
	bio_list_init(&dev->again);
	spin_unlock_irq(&dev->again_lock);
	while ((bio = bio_list_pop(&bios)))
		submit_bio_noacct(bio);
}

/* dev->work: show the disk to everybody, who then look for partitions. */
static void add_disk_now(struct bf_dev *dev)
{
	if (device_add_disk(&dev->xbdev->dev, dev->disk, NULL))
		bf_break(dev, "the disk cannot be added");
	else
		dev->added = true;
}

/* dev->work: the end of the disk. */
static void close_now(struct bf_dev *dev)
{
	mutex_lock(&dev->lock);
	if (!dev->connected)
		WRITE_ONCE(dev->dead, true);
	if (dev->dead)
		bf_disconnect(dev);
	mutex_unlock(&dev->lock);

	/* It may take the back end's answers; should it go now, bf_disconnect() ends it. */
	bf_disk_destroy(dev);

	/* The rings stay until the back end has left them, or the device goes. */
	if (dev->xbdev->state != XenbusStateClosed)
		xenbus_frontend_closed(dev->xbdev);
}

static void work(struct work_struct *work)
{
	struct bf_dev *dev = container_of(work, struct bf_dev, work);
	bool ending, add;

	submit_again(dev);
	mutex_lock(&dev->lock);
	ending = dev->closing || dev->dead;
	add = dev->connected && !dev->added && !ending;
	mutex_unlock(&dev->lock);
	if (add)
		add_disk_now(dev);
	if (ending && !dev->closed) {
		dev->closed = true;
		close_now(dev);
	}
}

/* The device's name, if no other has it; else false, and a line. */
static bool take_name(struct bf_dev *dev)
{
	struct bf_dev *other;
	unsigned int number;
	bool taken = false;

	if (xenbus_scanf(XBT_NIL, dev->xbdev->nodename, "virtual-device", "%u", &number) != 1 &&
	    xenbus_scanf(XBT_NIL, dev->xbdev->nodename, "virtual-device-ext", "%u", &number) != 1) {
		xenbus_dev_error(dev->xbdev, -ENOENT, "no virtual-device");
		return false;
	}
	if (!bf_name_device(number, &dev->name)) {
		xenbus_dev_error(dev->xbdev, -EINVAL, "virtual-device %u is no disk's number",
				 number);
		return false;
	}
	mutex_lock(&devices_lock);
	list_for_each_entry(other, &devices, all)
		taken |= bf_names_collide(&dev->name, &other->name);
	if (!taken)
		list_add(&dev->all, &devices);
	mutex_unlock(&devices_lock);
	if (taken)
		xenbus_dev_error(dev->xbdev, -EBUSY,
				 "virtual-device %u would be %s, which is taken", number,
				 dev->name.text);
	return !taken;
}

static int probe(struct xenbus_device *xbdev, const struct xenbus_device_id *id)
{
	struct bf_dev *dev;
	char *type;

	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;
	dev->xbdev = xbdev;
	mutex_init(&dev->lock);
	spin_lock_init(&dev->again_lock);
	bio_list_init(&dev->again);
	INIT_WORK(&dev->work, work);
	INIT_LIST_HEAD(&dev->all);
	dev_set_drvdata(&xbdev->dev, dev);
	if (!take_name(dev)) {
		/* The tools and the back end see that it is not wanted, and can remove it. */
		dev->dead = true;
		dev->closed = true;
		return xenbus_switch_state(xbdev, XenbusStateClosed);
	}
	type = xenbus_read(XBT_NIL, xbdev->nodename, "device-type", NULL);
	if (!IS_ERR(type)) {
		dev->cdrom = !strcmp(type, "cdrom");
		kfree(type);
	}
	/* After an earlier driver it is Closed; a back end that is Closed comes back. */
	xenbus_switch_state(xbdev, XenbusStateInitialising);
	return 0;
}

/* Let the back end leave the rings, if it is there and does as it is told. */
static void part(struct bf_dev *dev)
{
	unsigned int tries;

	if (dev->dead || !dev->connected)
		return;
	xenbus_switch_state(dev->xbdev, XenbusStateClosed);
	for (tries = 0; tries < 200; tries++) {
		if (xenbus_read_driver_state(dev->xbdev->otherend) != XenbusStateConnected)
			break;
		msleep(10);
	}
}

/* The module goes, or the device does. */
static void remove(struct xenbus_device *xbdev)
{
	struct bf_dev *dev = dev_get_drvdata(&xbdev->dev);
	enum xenbus_state state = xenbus_read_driver_state(xbdev->otherend);

	mutex_lock(&dev->lock);
	dev->closing = true;
	if (state != XenbusStateConnected)
		lose_back_end(dev);
	mutex_unlock(&dev->lock);
	schedule_work(&dev->work);
	flush_work(&dev->work);

	part(dev);
	mutex_lock(&dev->lock);
	WRITE_ONCE(dev->dead, true);
	bf_disconnect(dev);
	mutex_unlock(&dev->lock);
	flush_work(&dev->work);
	if (dev->disk) {
		put_disk(dev->disk);
		blk_mq_free_tag_set(&dev->tags);
	}
	mutex_lock(&devices_lock);
	list_del(&dev->all);
	mutex_unlock(&devices_lock);
	dev_set_drvdata(&xbdev->dev, NULL);
	kfree(dev);
}

/* Suspended and back, perhaps on another machine: the rings are no more. */
static int resume(struct xenbus_device *xbdev)
{
	struct bf_dev *dev = dev_get_drvdata(&xbdev->dev);

	mutex_lock(&dev->lock);
	bf_disconnect(dev);
	if (dev->closed)
		xenbus_switch_state(xbdev, XenbusStateClosed);
	mutex_unlock(&dev->lock);
	return 0;
}

/* Nobody waits at boot for a disk that cannot be. */
static int is_ready(struct xenbus_device *xbdev)
{
	struct bf_dev *dev = dev_get_drvdata(&xbdev->dev);

	return !dev || dev->added || dev->closing || dev->dead;
}

static const struct xenbus_device_id ids[] = { { "vbd" }, { "" } };

static struct xenbus_driver driver = {
	.ids = ids,
	.probe = probe,
	.remove = remove,
	.resume = resume,
	.otherend_changed = back_end_changed,
	.is_ready = is_ready,
};

static int __init start(void)
{
	int err;

	if (!xen_domain() || (xen_hvm_domain() && !xen_has_pv_disk_devices()))
		return -ENODEV;
	if (register_blkdev(XENVBD_MAJOR, "xvd")) {
		pr_err("blkfront: another driver has the block devices of major %u\n",
		       XENVBD_MAJOR);
		return -EBUSY;
	}
	err = xenbus_register_frontend(&driver);
	if (err)
		unregister_blkdev(XENVBD_MAJOR, "xvd");
	return err;
}
module_init(start);

static void __exit stop(void)
{
	xenbus_unregister_driver(&driver);
	unregister_blkdev(XENVBD_MAJOR, "xvd");
}
module_exit(stop);

MODULE_DESCRIPTION("Block front end: a disk that another domain has");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen:vbd");
