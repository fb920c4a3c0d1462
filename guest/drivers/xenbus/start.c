// SPDX-License-Identifier: GPL-2.0
/*
 * How a domain and xenstore meet. Whoever built the domain put the page and the port
 * into start_info, and xenstore is there. In domain 0 nobody did: there xenstored is a
 * process that is not running yet; we make page and port and show them to it
 * (dev_backend.c, xenfs), and that it runs we know from its first event.
 *
 * Who needs xenstore at boot has a notifier that is called when it is there.
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/proc_fs.h>
#include <linux/reboot.h>
#include <linux/workqueue.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <xen/page.h>
#include <xen/xen.h>

#include "store.h"

int xenstored_ready;
static BLOCKING_NOTIFIER_HEAD(chain);
static DEFINE_MUTEX(chain_lock); /* that everybody is called, once */
static bool is_process;		 /* of this domain */

/*
 * Call nb when xenstore is there: now or later, in a process, once. Returns 0.
 */
int register_xenstore_notifier(struct notifier_block *nb)
{
	mutex_lock(&chain_lock);
	if (xenstored_ready)
		nb->notifier_call(nb, 0, NULL);
	else
		blocking_notifier_chain_register(&chain, nb);
	mutex_unlock(&chain_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(register_xenstore_notifier);

void unregister_xenstore_notifier(struct notifier_block *nb)
{
	mutex_lock(&chain_lock);
	blocking_notifier_chain_unregister(&chain, nb);
	mutex_unlock(&chain_lock);
}
EXPORT_SYMBOL_GPL(unregister_xenstore_notifier);

static void tell_ready(struct work_struct *work)
{
	mutex_lock(&chain_lock);
	xenstored_ready = 1;
	blocking_notifier_call_chain(&chain, 0, NULL);
	mutex_unlock(&chain_lock);
}
static DECLARE_WORK(ready_work, tell_ready);

/* The other side sent an event; from its interrupt. */
void store_heard(void)
{
	if (unlikely(!READ_ONCE(xenstored_ready)))
		schedule_work(&ready_work);
}

/* Page and port for a xenstored that will run here. */
static int __init make_page(void)
{
	struct evtchn_alloc_unbound alloc = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	unsigned long page = get_zeroed_page(GFP_KERNEL);
	int err;

	if (!page)
		return -ENOMEM;
	err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);
	if (err) {
		free_page(page);
		return err;
	}
	xen_store_interface = (void *)page;
	xen_store_evtchn = alloc.port;
	xen_start_info->store_mfn = virt_to_gfn(page);
	xen_start_info->store_evtchn = alloc.port;
	is_process = true;
	return 0;
}

static void find_page(void)
{
	xen_store_interface = gfn_to_virt(xen_start_info->store_mfn);
	xen_store_evtchn = xen_start_info->store_evtchn;
}

/* When processes are killed, xenstored is one, and nobody must wait for it. */
static int going_down(struct notifier_block *nb, unsigned long event, void *data)
{
	if (is_process)
		store_ring_stop();
	return NOTIFY_DONE;
}

static struct notifier_block reboot_notifier = {
	.notifier_call = going_down,
	.priority = -1, /* after those that still write to it */
};

static int __init store_init(void)
{
	int err = 0;

	if (!xen_pv_domain())
		return 0;
	if (xen_start_info->store_evtchn)
		find_page();
	else if (xen_start_info->flags & SIF_INITDOMAIN)
		err = make_page();
	else
		err = -ENXIO;
	if (!err)
		err = store_ring_start();
	if (!err)
		err = store_watch_start();
	if (err) {
		pr_err("xenstore: this domain has none (%d): no devices\n", err);
		xen_store_evtchn = 0;
		return err;
	}
	register_reboot_notifier(&reboot_notifier);
	if (!is_process)
		schedule_work(&ready_work);
#ifdef CONFIG_XEN_COMPAT_XENFS
	proc_create_mount_point("xen");
#endif
	return 0;
}
postcore_initcall(store_init);

/*
 * The domain is about to be suspended: wait until nothing is on its way to xenstore, and
 * let nothing begin. Then one of the other two: it was not after all; or it was, and
 * xenstore is another one, which knows none of our watches. By the thread that suspends.
 */
void xs_suspend(void)
{
	store_hold();
}

void xs_suspend_cancel(void)
{
	store_let_go(false);
}

void xs_resume(void)
{
	if (!is_process)
		find_page();
	store_ring_reset();
	store_let_go(true);
	store_watch_again();
}
