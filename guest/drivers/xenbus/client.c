// SPDX-License-Identifier: GPL-2.0
/*
 * What drivers of both buses need: states, errors that the tools can read, watches,
 * and event channels to the other end. For processes.
 */
#include <linux/device.h>
#include <linux/slab.h>
#include <asm/xen/hypercall.h>
#include <xen/events.h>

#include "bus.h"

const char *xenbus_strstate(enum xenbus_state state)
{
	static const char *const names[] = {
		[XenbusStateUnknown] = "Unknown",
		[XenbusStateInitialising] = "Initialising",
		[XenbusStateInitWait] = "InitWait",
		[XenbusStateInitialised] = "Initialised",
		[XenbusStateConnected] = "Connected",
		[XenbusStateClosing] = "Closing",
		[XenbusStateClosed] = "Closed",
		[XenbusStateReconfiguring] = "Reconfiguring",
		[XenbusStateReconfigured] = "Reconfigured",
	};

	return (unsigned int)state < ARRAY_SIZE(names) ? names[state] : "INVALID";
}
EXPORT_SYMBOL_GPL(xenbus_strstate);

/* The state in a device's directory, either end's; Unknown if there is none. */
enum xenbus_state xenbus_read_driver_state(const char *path)
{
	return xenbus_read_unsigned(path, "state", XenbusStateUnknown);
}
EXPORT_SYMBOL_GPL(xenbus_read_driver_state);

/* Write the state if the device's directory has one: who removed it must not find it again. */
static int write_state(struct xenbus_device *dev, enum xenbus_state state)
{
	struct xenbus_transaction t;
	int err, end, old;

	do {
		err = xenbus_transaction_start(&t);
		if (err)
			return err;
		err = xenbus_scanf(t, dev->nodename, "state", "%d", &old);
		if (err == 1)
			err = xenbus_printf(t, dev->nodename, "state", "%d", state);
		else if (XENBUS_EXIST_ERR(err))
			err = 0;
		end = xenbus_transaction_end(t, err != 0);
	} while (!err && end == -EAGAIN);
	return err ?: end;
}

static void save_error(struct xenbus_device *dev, int err, struct va_format *message)
{
	char *path, *text;

	dev_err(&dev->dev, "%pV (%d)\n", message, err);
	path = kasprintf(GFP_KERNEL, "error/%s", dev->nodename);
	text = kasprintf(GFP_KERNEL, "%d %pV", -err, message);
	if (path && text)
		xenbus_write(XBT_NIL, path, "error", text);
	kfree(text);
	kfree(path);
}

/* An error to the log, and to error/NODENAME/error for the tools. */
void xenbus_dev_error(struct xenbus_device *dev, int err, const char *fmt, ...)
{
	struct va_format message = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	message.va = &args;
	save_error(dev, err, &message);
	va_end(args);
}
EXPORT_SYMBOL_GPL(xenbus_dev_error);

/* The same, and the device closes. */
void xenbus_dev_fatal(struct xenbus_device *dev, int err, const char *fmt, ...)
{
	struct va_format message = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	message.va = &args;
	save_error(dev, err, &message);
	va_end(args);
	dev->state = XenbusStateClosing;
	write_state(dev, XenbusStateClosing);
	wake_up_all(&xen_bus_wait);
}
EXPORT_SYMBOL_GPL(xenbus_dev_fatal);

/*
 * Tell the other end that the device has another state. 0 also if the device is not
 * there any more. An error has been told, and the device closes.
 */
int xenbus_switch_state(struct xenbus_device *dev, enum xenbus_state state)
{
	enum xenbus_state old = dev->state;
	int err;

	if (state == old)
		return 0;
	/* Before others can see it, so that xenwatch does not find a device to replace. */
	WRITE_ONCE(dev->state, state);
	err = write_state(dev, state);
	if (err) {
		WRITE_ONCE(dev->state, old);
		if (state != XenbusStateClosing)
			xenbus_dev_fatal(dev, err, "writing its state");
	}
	wake_up_all(&xen_bus_wait);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_switch_state);

/* A front end is through with its device: whoever waits for that may go on. Returns 0. */
int xenbus_frontend_closed(struct xenbus_device *dev)
{
	xenbus_switch_state(dev, XenbusStateClosed);
	complete(&dev->down);
	return 0;
}
EXPORT_SYMBOL_GPL(xenbus_frontend_closed);

/*
 * Watch path for dev; watch keeps the path, which the caller kfree()s (watch->node)
 * after unregister_xenbus_watch(). An error has been told, and the device closes.
 */
int xenbus_watch_path(struct xenbus_device *dev, const char *path, struct xenbus_watch *watch,
		      bool (*will_handle)(struct xenbus_watch *, const char *, const char *),
		      void (*callback)(struct xenbus_watch *, const char *, const char *))
{
	int err;

	watch->node = path;
	watch->will_handle = will_handle;
	watch->callback = callback;
	err = register_xenbus_watch(watch);
	if (err) {
		watch->node = NULL;
		watch->will_handle = NULL;
		watch->callback = NULL;
		xenbus_dev_fatal(dev, err, "watching %s", path);
	}
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_watch_path);

int xenbus_watch_pathfmt(struct xenbus_device *dev, struct xenbus_watch *watch,
			 bool (*will_handle)(struct xenbus_watch *, const char *, const char *),
			 void (*callback)(struct xenbus_watch *, const char *, const char *),
			 const char *pathfmt, ...)
{
	va_list args;
	char *path;
	int err;

	va_start(args, pathfmt);
	path = kvasprintf(GFP_NOIO | __GFP_HIGH, pathfmt, args);
	va_end(args);
	if (!path) {
		xenbus_dev_fatal(dev, -ENOMEM, "no memory for a watch");
		return -ENOMEM;
	}
	err = xenbus_watch_path(dev, path, watch, will_handle, callback);
	if (err)
		kfree(path);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_watch_pathfmt);

/* A port that the other end may bind to. */
int xenbus_alloc_evtchn(struct xenbus_device *dev, evtchn_port_t *port)
{
	struct evtchn_alloc_unbound alloc = {
		.dom = DOMID_SELF,
		.remote_dom = dev->otherend_id,
	};
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);

	if (err)
		xenbus_dev_fatal(dev, err, "no event channel");
	else
		*port = alloc.port;
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_alloc_evtchn);

int xenbus_free_evtchn(struct xenbus_device *dev, evtchn_port_t port)
{
	struct evtchn_close close = { .port = port };
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);

	if (err)
		xenbus_dev_error(dev, err, "closing event channel %u", port);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_free_evtchn);
