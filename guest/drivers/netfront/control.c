// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control ring: how the back end spreads packets over our queues.
 *
 * With several queues, and a back end that has feature-ctrl-ring, it is asked to steer by
 * a Toeplitz hash with a key and a table of ours; ethtool changes both. One request is
 * under way at a time, and whoever waits for its answer gives up after a while: then the
 * back end steers as it likes, which is no error.
 */
#include <linux/ethtool.h>

#include "netfront.h"

#define ANSWER_TIMEOUT (5 * HZ)

static irqreturn_t control_interrupt(int irq, void *opaque)
{
	struct control *control = opaque;

	WRITE_ONCE(control->event, true);
	wake_up(&control->answered);
	return IRQ_HANDLED;
}

static bool answer_is_there(struct control *control)
{
	return READ_ONCE(control->ring.sring->rsp_prod) != control->ring.rsp_cons ||
	       !READ_ONCE(control->connected);
}

/*
 * Ask, and wait. Returns the answer's status, or a negative error; *data: its data.
 * Holds the mutex.
 */
static int control_request(struct netfront *nf, u16 type, u32 data0, u32 data1, u32 *data)
{
	struct control *control = &nf->control;
	struct xen_netif_ctrl_front_ring *ring = &control->ring;
	struct xen_netif_ctrl_response answer;
	bool notify;

	*RING_GET_REQUEST(ring, ring->req_prod_pvt++) = (struct xen_netif_ctrl_request){
		.id = ++control->id,
		.type = type,
		.data = { data0, data1, 0 },
	};
	ring->sring->rsp_event = ring->rsp_cons + 1;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(ring, notify);
	if (notify)
		notify_remote_via_irq(control->irq);
	wait_event_timeout(control->answered, answer_is_there(control), ANSWER_TIMEOUT);
	if (xchg(&control->event, false))
		xen_irq_lateeoi(control->irq, 0);
	if (READ_ONCE(ring->sring->rsp_prod) != ring->rsp_cons + 1) {
		/* None, or too many: never again. */
		control->connected = false;
		return -EIO;
	}
	virt_rmb(); /* the index before the answer */
	RING_COPY_RESPONSE(ring, ring->rsp_cons, &answer);
	ring->rsp_cons++;
	if (answer.id != control->id || answer.type != type) {
		control->connected = false;
		return -EIO;
	}
	if (data)
		*data = answer.data;
	return answer.status > XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW ? -EIO : (int)answer.status;
}

/* A request whose data the back end reads from a page. */
static int control_send(struct netfront *nf, u16 type, const void *data, unsigned int size, u32 items)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	int gref, status;

	if (!page)
		return -ENOMEM;
	memcpy(page_address(page), data, size);
	gref = gnttab_grant_foreign_access(peer_domain(nf), xen_page_to_gfn(page), true);
	if (gref < 0) {
		__free_page(page);
		return gref;
	}
	status = control_request(nf, type, gref, items, NULL);
	gnttab_end_foreign_access(gref, page);
	return status;
}

static int set_table(struct netfront *nf)
{
	struct control *control = &nf->control;
	u32 size, i;
	int status;

	status = control_request(nf, XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE, 0, 0, &size);
	if (status || size < HASH_TABLE_MAX)
		return status;	/* by the hash modulo the number of queues */
	for (i = 0; i < HASH_TABLE_MAX; i++)
		if (!control->custom_table || control->table[i] >= nf->nr_queues)
			control->table[i] = ethtool_rxfh_indir_default(i, nf->nr_queues);
	status = control_request(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, HASH_TABLE_MAX, 0,
				 NULL);
	if (status)
		return status;
	return control_send(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, control->table,
			    sizeof(control->table), HASH_TABLE_MAX);
}

static int set_hash(struct netfront *nf)
{
	u32 types;
	int status;

	status = control_request(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
				 XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ, 0, NULL);
	if (!status)
		status = control_request(nf, XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS, 0, 0, &types);
	if (!status)
		status = control_send(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, nf->control.key,
				      HASH_KEY_SIZE, HASH_KEY_SIZE);
	if (!status)
		status = set_table(nf);
	/* Last, for it is what switches hashing on. */
	if (!status)
		status = control_request(nf, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS,
					 types & (XEN_NETIF_CTRL_HASH_TYPE_IPV4 |
						  XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP |
						  XEN_NETIF_CTRL_HASH_TYPE_IPV6 |
						  XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP),
					 0, NULL);
	return status;
}

static void control_work(struct work_struct *work)
{
	struct netfront *nf = container_of(work, struct netfront, control.work);
	int status;

	mutex_lock(&nf->control.mutex);
	if (nf->control.connected) {
		status = set_hash(nf);
		if (status && net_ratelimit())
			netdev_info(nf->dev, "the back end spreads packets as it likes (%d)\n", status);
	}
	mutex_unlock(&nf->control.mutex);
}

void control_init(struct netfront *nf)
{
	struct control *control = &nf->control;

	mutex_init(&control->mutex);
	init_waitqueue_head(&control->answered);
	INIT_WORK(&control->work, control_work);
	netdev_rss_key_fill(control->key, sizeof(control->key));
}

/* If there is use for one. Returns 0 or a negative error. Holds the RTNL. */
int control_create(struct netfront *nf)
{
	struct control *control = &nf->control;
	void *ring;
	int err;

	if (!nf->peer.control || nf->nr_queues == 1)
		return 0;
	err = xenbus_setup_ring(nf->xdev, GFP_KERNEL, &ring, 1, &control->ring_gref);
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&control->ring, (struct xen_netif_ctrl_sring *)ring, XEN_PAGE_SIZE);
	err = xenbus_alloc_evtchn(nf->xdev, &control->port);
	if (err)
		goto out;
	err = bind_evtchn_to_irqhandler_lateeoi(control->port, control_interrupt, 0, "netfront-control",
						control);
	if (err < 0) {
		xenbus_free_evtchn(nf->xdev, control->port);
		goto out;
	}
	control->irq = err;
	control->event = false;
	control->connected = true;
	return 0;
out:
	xenbus_teardown_ring(&ring, 1, &control->ring_gref);
	control->ring.sring = NULL;
	return err;
}

/* Holds the RTNL. */
void control_destroy(struct netfront *nf)
{
	struct control *control = &nf->control;
	void *ring = control->ring.sring;

	if (!ring)
		return;
	WRITE_ONCE(control->connected, false);
	wake_up(&control->answered);
	cancel_work_sync(&control->work);
	unbind_from_irqhandler(control->irq, control);
	xenbus_teardown_ring(&ring, 1, &control->ring_gref);
	control->ring.sring = NULL;
}
