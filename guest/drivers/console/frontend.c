// SPDX-License-Identifier: GPL-2.0
/*
 * Further consoles: device/console/N in xenstore. The page and the port are ours; the
 * back end is a program in domain 0 (QEMU) that connects to them. They become hvc1 and
 * on; the first console is not one of these even if it is listed as number 0.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "console.h"

/* Tell the back end where the rings are. */
static int publish(struct xenbus_device *dev, struct xc *c)
{
	struct xenbus_transaction t;
	int err;

	do {
		err = xenbus_transaction_start(&t);
		if (err)
			return err;
		err = xenbus_printf(t, dev->nodename, "ring-ref", "%u", c->gref);
		if (!err)
			err = xenbus_printf(t, dev->nodename, "port", "%u", c->port);
		if (err) {
			xenbus_transaction_end(t, 1);
			return err;
		}
		err = xenbus_transaction_end(t, 0);
	} while (err == -EAGAIN);
	return err ?: xenbus_switch_state(dev, XenbusStateInitialised);
}

static void disconnect(struct xc *c)
{
	void *ring = c->ring;

	if (c->irq)
		evtchn_put(c->port); /* the interrupt goes, and the port is closed */
	else if (c->port)
		xenbus_free_evtchn(c->xbdev, c->port);
	c->irq = 0;
	c->port = 0;
	if (ring)
		xenbus_teardown_ring(&ring, 1, &c->gref);
	c->ring = NULL;
}

static int connect(struct xc *c)
{
	void *ring;
	int err;

	err = xenbus_setup_ring(c->xbdev, GFP_KERNEL, &ring, 1, &c->gref);
	if (err)
		return err;
	c->ring = ring;
	err = xenbus_alloc_evtchn(c->xbdev, &c->port);
	if (err)
		return err;
	err = bind_evtchn_to_irq_lateeoi(c->port);
	if (err < 0)
		return err;
	c->irq = err;
	/* hvc frees the handler when the terminal is closed; the port stays until we let go. */
	return evtchn_make_refcounted(c->port);
}

static int probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
	const char *number = strrchr(dev->nodename, '/');
	struct xc *c;
	u32 vtermno;
	int err;

	if (!number || kstrtou32(number + 1, 10, &vtermno) || !vtermno)
		return -ENODEV;
	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	raw_spin_lock_init(&c->lock);
	c->vtermno = vtermno;
	c->xbdev = dev;
	err = connect(c);
	if (!err)
		err = xc_hvc_add(c);
	if (err)
		goto fail;
	dev_set_drvdata(&dev->dev, c);
	err = publish(dev, c);
	if (!err)
		return 0;
	xc_hvc_remove(c);
	dev_set_drvdata(&dev->dev, NULL);
fail:
	disconnect(c);
	kfree(c);
	xenbus_dev_error(dev, err, "no console");
	return err;
}

static void remove(struct xenbus_device *dev)
{
	struct xc *c = dev_get_drvdata(&dev->dev);

	xc_hvc_remove(c);
	disconnect(c);
	kfree(c);
}

static int resume(struct xenbus_device *dev)
{
	struct xc *c = dev_get_drvdata(&dev->dev);
	int err;

	/* hvc keeps the number of the interrupt, and so must we. */
	err = xenbus_alloc_evtchn(dev, &c->port);
	if (err)
		return err;
	rebind_evtchn_irq(c->port, c->irq);
	memset(c->ring, 0, sizeof(*c->ring));
	gnttab_grant_foreign_access_ref(c->gref, dev->otherend_id, virt_to_gfn(c->ring), 0);
	return publish(dev, c);
}

static void back_end_changed(struct xenbus_device *dev, enum xenbus_state state)
{
	switch (state) {
	case XenbusStateConnected:
		xenbus_switch_state(dev, XenbusStateConnected);
		break;
	case XenbusStateClosing:
	case XenbusStateClosed:
		if (dev->state != XenbusStateClosed)
			xenbus_frontend_closed(dev);
		break;
	default:
		break;
	}
}

static const struct xenbus_device_id ids[] = { { "console" }, { "" } };

static struct xenbus_driver console_driver = {
	.name = "xenconsole",
	.ids = ids,
	.probe = probe,
	.remove = remove,
	.resume = resume,
	.otherend_changed = back_end_changed,
	.not_essential = true,
};

static int __init console_frontend_init(void)
{
	if (!xen_domain() || xc_where == XC_OFF)
		return 0;
	return xenbus_register_frontend(&console_driver);
}
device_initcall(console_frontend_init);
