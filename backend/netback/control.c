// SPDX-License-Identifier: GPL-2.0
/*
 * The control ring, by which the front end says how its packets are hashed and spread
 * over its queues. Requests are few, and each is answered before the next is looked at.
 * What they change is a copy, which then takes the place of what packets are hashed by.
 */
#include <linux/slab.h>
#include "netback.h"

typedef struct xen_netif_ctrl_request request_t;
typedef struct xen_netif_ctrl_response response_t;

/* Copy bytes from the beginning of a page of the front end's; at most a page. */
static bool copy_in(struct vif *vif, void *to, grant_ref_t gref, unsigned int bytes)
{
	struct copies *copies;
	unsigned int done = 0;
	bool good;

	copies = kzalloc(sizeof(*copies), GFP_KERNEL);
	if (!copies)
		return false;
	while (done < bytes) {
		struct gnttab_copy *op = copies_next(copies, 0);
		unsigned int offset = xen_offset_in_page(to + done);
		unsigned int size = min(bytes - done, (unsigned int)XEN_PAGE_SIZE - offset);

		op->flags = GNTCOPY_source_gref;
		op->source.u.ref = gref;
		op->source.domid = vif->dev->otherend_id;
		op->source.offset = done;
		op->dest.u.gmfn = virt_to_gfn(to + done);
		op->dest.domid = DOMID_SELF;
		op->dest.offset = offset;
		op->len = size;
		done += size;
	}
	copies_run(copies);
	good = !copies->failed;
	kfree(copies);
	return good;
}

static u32 set_algorithm(struct hash *hash, u32 algorithm)
{
	if (algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_NONE &&
	    algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	hash->algorithm = algorithm;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static u32 set_types(struct hash *hash, u32 types)
{
	if (hash->algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE)
		return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
	if (types & ~HASH_TYPES)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	hash->types = types;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static u32 set_key(struct vif *vif, struct hash *hash, grant_ref_t gref, u32 bytes)
{
	if (bytes > HASH_KEY_MAX)
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	memset(hash->key, 0, sizeof(hash->key));
	if (bytes && !copy_in(vif, hash->key, gref, bytes))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static u32 set_mapping_size(struct hash *hash, u32 size)
{
	if (size > HASH_MAPPING_MAX)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	hash->mapping_size = size;
	memset(hash->mapping, 0, sizeof(hash->mapping));
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static u32 set_mapping(struct vif *vif, struct hash *hash, grant_ref_t gref, u32 size, u32 offset)
{
	unsigned int i;

	if (size > XEN_PAGE_SIZE / sizeof(hash->mapping[0]))
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	if (offset > hash->mapping_size || size > hash->mapping_size - offset)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	if (size && !copy_in(vif, hash->mapping + offset, gref, size * sizeof(hash->mapping[0])))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	for (i = offset; i < offset + size; i++)
		if (hash->mapping[i] >= vif->nr_queues)
			return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/* Do a request to hash, which is a copy. Its status; response->data too if it has some. */
static u32 execute(struct vif *vif, struct hash *hash, const request_t *request,
		   response_t *response)
{
	switch (request->type) {
	case XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM:
		return set_algorithm(hash, request->data[0]);
	case XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS:
		if (hash->algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE)
			return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
		response->data = HASH_TYPES;
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS:
		return set_types(hash, request->data[0]);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_KEY:
		return set_key(vif, hash, request->data[0], request->data[1]);
	case XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE:
		response->data = HASH_MAPPING_MAX;
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE:
		return set_mapping_size(hash, request->data[0]);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING:
		return set_mapping(vif, hash, request->data[0], request->data[1],
				   request->data[2]);
	default:
		return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
	}
}

/* Only this, in the control ring's work, changes vif->hash while there is a control ring. */
static void handle(struct vif *vif, const request_t *request, response_t *response)
{
	struct hash *old = rcu_dereference_protected(vif->hash, true), *new;

	response->id = request->id;
	response->type = request->type;
	response->data = 0;
	response->status = XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	new = old ? kmemdup(old, sizeof(*old), GFP_KERNEL) : kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return;
	response->status = execute(vif, new, request, response);
	if (response->status != XEN_NETIF_CTRL_STATUS_SUCCESS) {
		kfree(new);
		return;
	}
	rcu_assign_pointer(vif->hash, new);
	synchronize_rcu();
	kfree(old);
}

/* Answer what is there, at most a ring's worth at a time. True: there is more. */
static bool control_process(struct vif *vif)
{
	struct xen_netif_ctrl_back_ring *ring = &vif->control.ring;
	RING_IDX requests = READ_ONCE(ring->sring->req_prod);
	int more;

	if (requests - ring->req_cons > RING_SIZE(ring)) {
		vif_break(vif, "more requests in the control ring than it has slots");
		return false;
	}
	virt_rmb(); /* the index before the slots */
	while (ring->req_cons != requests) {
		request_t request;
		response_t response;
		int notify;

		RING_COPY_REQUEST(ring, ring->req_cons++, &request);
		handle(vif, &request, &response);
		*RING_GET_RESPONSE(ring, ring->rsp_prod_pvt++) = response;
		RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(ring, notify);
		if (notify)
			notify_remote_via_irq(vif->control.irq);
	}
	RING_FINAL_CHECK_FOR_REQUESTS(ring, more);
	return more;
}

/* A front end that never stops asking is not waited for: each round is a work of its own. */
static void control_work(struct work_struct *work)
{
	struct control *control = container_of(work, struct control, work);
	struct vif *vif = container_of(control, struct vif, control);
	RING_IDX before = control->ring.req_cons;
	bool useful;

	if (!READ_ONCE(vif->broken) && control_process(vif)) {
		control->useful = true;
		schedule_work(&control->work);
		return;
	}
	useful = control->useful || control->ring.req_cons != before;
	control->useful = false;
	xen_irq_lateeoi(control->irq, useful ? 0 : XEN_EOI_FLAG_SPURIOUS);
}

static irqreturn_t control_interrupt(int irq, void *opaque)
{
	struct control *control = opaque;

	/* The first may come before control_connect() knows. */
	control->irq = irq;
	schedule_work(&control->work);
	return IRQ_HANDLED;
}

/* Use the front end's control ring. Process context; undone by control_disconnect(). */
int control_connect(struct vif *vif, grant_ref_t ref, evtchn_port_t port)
{
	struct control *control = &vif->control;
	struct xen_netif_ctrl_sring *shared;
	void *vaddr;
	int error, irq;

	error = xenbus_map_ring_valloc(vif->dev, &ref, 1, &vaddr);
	if (error)
		return error;
	shared = vaddr;
	BACK_RING_ATTACH(&control->ring, shared, READ_ONCE(shared->rsp_prod), XEN_PAGE_SIZE);
	INIT_WORK(&control->work, control_work);
	control->useful = false;
	/* What came before has its event still. */
	irq = bind_interdomain_evtchn_to_irqhandler_lateeoi(vif->dev, port, control_interrupt, 0,
							    vif->label, control);
	if (irq < 0)
		return irq;
	control->irq = irq;
	return 0;
}

void control_disconnect(struct vif *vif)
{
	struct control *control = &vif->control;
	struct hash *hash;

	if (control->irq) {
		/* In this order: the work uses the binding, and interrupts start the work. */
		disable_irq(control->irq);
		cancel_work_sync(&control->work);
		unbind_from_irqhandler(control->irq, control);
	}
	control->irq = 0;
	if (control->ring.sring)
		xenbus_unmap_ring_vfree(vif->dev, control->ring.sring);
	control->ring.sring = NULL;
	hash = rcu_dereference_protected(vif->hash, true);
	RCU_INIT_POINTER(vif->hash, NULL);
	synchronize_rcu();
	kfree(hash);
}

/* The hash of a packet as the front end wants it: its kind, or < 0 if it wants none. */
int vif_hash(struct vif *vif, struct sk_buff *skb, u32 *value)
{
	u8 header[HASH_HEADER_MAX];
	const struct hash *hash;
	int type = -ENOENT;

	if (!rcu_access_pointer(vif->hash))
		return type;
	rcu_read_lock();
	hash = rcu_dereference(vif->hash);
	if (hash && hash->types) {
		unsigned int bytes = min_t(unsigned int, skb->len, sizeof(header));
		const u8 *frame = skb_header_pointer(skb, 0, bytes, header);

		if (frame)
			type = hash_frame(hash, frame, bytes, value);
	}
	rcu_read_unlock();
	return type;
}
