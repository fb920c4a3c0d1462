/* SPDX-License-Identifier: MIT */
/*
 * Rings of requests and responses between a frontend and a backend, in one or
 * more frames that the frontend shares.
 *
 * A response takes the slot of a request: the ring has as many slots as fit, a
 * power of two, and four indices that only grow, modulo 2^32; slot i is
 * ring[i & (size - 1)]. The frontend puts requests at req_prod, the backend
 * takes them at its private req_cons and puts responses at rsp_prod, the
 * frontend takes those at its private rsp_cons. Always
 * rsp_cons <= rsp_prod <= req_cons <= req_prod <= rsp_cons + size.
 *
 * Notification: a consumer writes to req_event or rsp_event the index that it
 * wants to hear of. A producer that moves its index past that must send an
 * event. A consumer that has found nothing asks for the next one and looks once
 * more (RING_FINAL_CHECK_FOR_*), so nothing is missed.
 *
 * The other side is not to be trusted: copy an entry with RING_COPY_* before
 * checking it, and check indices with RING_*_PROD_OVERFLOW.
 *
 * Who uses this provides xen_mb(), xen_rmb() and xen_wmb(): full, read and write
 * memory barriers against another CPU.
 */
#ifndef __XEN_PUBLIC_IO_RING_H__
#define __XEN_PUBLIC_IO_RING_H__

#include "../xen-compat.h"

typedef unsigned int RING_IDX;

/*
 * Slots in _sz bytes, of a type's name (a constant) and of a ring: as many as
 * fit, but a power of two, so the highest bit of their number.
 */
#define __CONST_RING_SIZE(_s, _sz)						\
	(1U << (31 - __builtin_clz((unsigned int)				\
		(((_sz) - offsetof(struct _s##_sring, ring)) /			\
		 sizeof(((struct _s##_sring *)0)->ring[0])))))
#define __RING_SIZE(_s, _sz)							\
	(1U << (31 - __builtin_clz((unsigned int)				\
		(((_sz) - ((const char *)(_s)->ring - (const char *)(_s))) /	\
		 sizeof((_s)->ring[0])))))

/*
 * DEFINE_RING_TYPES(name, request type, response type) declares
 *
 *   name_sring		what both sides share
 *   name_front_ring	the frontend's own view
 *   name_back_ring	the backend's own view
 *
 * and a typedef with _t for each.
 */
#define DEFINE_RING_TYPES(__name, __req_t, __rsp_t)				\
										\
	union __name##_sring_entry {						\
		__req_t req;		/* frontend */				\
		__rsp_t rsp;		/* backend */				\
	};									\
										\
	struct __name##_sring {							\
		RING_IDX req_prod;	/* frontend: requests put */		\
		RING_IDX req_event;	/* backend: tell me of this one */	\
		RING_IDX rsp_prod;	/* backend: responses put */		\
		RING_IDX rsp_event;	/* frontend: tell me of this one */	\
		union {								\
			struct {						\
				uint8_t smartpoll_active;			\
			} netif;						\
			struct {						\
				uint8_t msg;					\
			} tapif_user;						\
			uint8_t pvt_pad[4];					\
		} pvt;								\
		uint8_t __pad[44];						\
		union __name##_sring_entry ring[1];				\
	};									\
										\
	struct __name##_front_ring {						\
		RING_IDX req_prod_pvt;	/* requests made, pushed or not */	\
		RING_IDX rsp_cons;	/* responses taken */			\
		unsigned int nr_ents;	/* slots */				\
		struct __name##_sring *sring;					\
	};									\
										\
	struct __name##_back_ring {						\
		RING_IDX rsp_prod_pvt;	/* responses made, pushed or not */	\
		RING_IDX req_cons;	/* requests taken */			\
		unsigned int nr_ents;	/* slots */				\
		struct __name##_sring *sring;					\
	};									\
										\
	typedef struct __name##_sring __name##_sring_t;				\
	typedef struct __name##_front_ring __name##_front_ring_t;		\
	typedef struct __name##_back_ring __name##_back_ring_t

/* Make shared memory an empty ring. Frontend. */
#define SHARED_RING_INIT(_s)							\
	do {									\
		(_s)->req_prod = (_s)->rsp_prod = 0;				\
		(_s)->req_event = (_s)->rsp_event = 1;				\
		(void)__builtin_memset((_s)->pvt.pvt_pad, 0,			\
				       sizeof((_s)->pvt.pvt_pad));		\
		(void)__builtin_memset((_s)->__pad, 0, sizeof((_s)->__pad));	\
	} while (0)

/* Begin to use shared memory of __size bytes as a ring, at index _i or at 0. */
#define FRONT_RING_ATTACH(_r, _s, _i, __size)					\
	do {									\
		(_r)->req_prod_pvt = (_i);					\
		(_r)->rsp_cons = (_i);						\
		(_r)->nr_ents = __RING_SIZE(_s, __size);			\
		(_r)->sring = (_s);						\
	} while (0)
#define FRONT_RING_INIT(_r, _s, __size)	FRONT_RING_ATTACH(_r, _s, 0, __size)
#define XEN_FRONT_RING_INIT(_r, _s, __size)					\
	do {									\
		SHARED_RING_INIT(_s);						\
		FRONT_RING_INIT(_r, _s, __size);				\
	} while (0)

#define BACK_RING_ATTACH(_r, _s, _i, __size)					\
	do {									\
		(_r)->rsp_prod_pvt = (_i);					\
		(_r)->req_cons = (_i);						\
		(_r)->nr_ents = __RING_SIZE(_s, __size);			\
		(_r)->sring = (_s);						\
	} while (0)
#define BACK_RING_INIT(_r, _s, __size)	BACK_RING_ATTACH(_r, _s, 0, __size)

/* Slots, and (frontend) how many of them can take a request. */
#define RING_SIZE(_r)		((_r)->nr_ents)
#define RING_FREE_REQUESTS(_r)							\
	(RING_SIZE(_r) - ((_r)->req_prod_pvt - (_r)->rsp_cons))
#define RING_FULL(_r)		(RING_FREE_REQUESTS(_r) == 0)

/*
 * How many there are to take. A frontend that lies about req_prod is answered
 * with no more requests than there can be responses for.
 */
#define XEN_RING_NR_UNCONSUMED_RESPONSES(_r)					\
	((_r)->sring->rsp_prod - (_r)->rsp_cons)
#define XEN_RING_NR_UNCONSUMED_REQUESTS(_r)					\
	({									\
		unsigned int __there = (_r)->sring->req_prod - (_r)->req_cons;	\
		unsigned int __room = RING_SIZE(_r) -				\
				      ((_r)->req_cons - (_r)->rsp_prod_pvt);	\
		__there < __room ? __there : __room;				\
	})

/* The same as a condition; its value is 0 or 1 for who asks for that. */
#ifdef XEN_RING_HAS_UNCONSUMED_IS_BOOL
#define RING_HAS_UNCONSUMED_RESPONSES(_r)	(!!XEN_RING_NR_UNCONSUMED_RESPONSES(_r))
#define RING_HAS_UNCONSUMED_REQUESTS(_r)	(!!XEN_RING_NR_UNCONSUMED_REQUESTS(_r))
#else
#define RING_HAS_UNCONSUMED_RESPONSES(_r)	XEN_RING_NR_UNCONSUMED_RESPONSES(_r)
#define RING_HAS_UNCONSUMED_REQUESTS(_r)	XEN_RING_NR_UNCONSUMED_REQUESTS(_r)
#endif

/* A slot, in place: to fill in what is ours to write. */
#define RING_GET_REQUEST(_r, _idx)						\
	(&((_r)->sring->ring[(_idx) & (RING_SIZE(_r) - 1)].req))
#define RING_GET_RESPONSE(_r, _idx)						\
	(&((_r)->sring->ring[(_idx) & (RING_SIZE(_r) - 1)].rsp))

/* A slot, read once into a copy: to look at what the other side wrote. */
#define RING_COPY_REQUEST(_r, _idx, _req)					\
	do {									\
		*(_req) = *(volatile __typeof__(_req))RING_GET_REQUEST(_r, _idx); \
	} while (0)
#define RING_COPY_RESPONSE(_r, _idx, _rsp)					\
	do {									\
		*(_rsp) = *(volatile __typeof__(_rsp))RING_GET_RESPONSE(_r, _idx); \
	} while (0)

/* An index that cannot be: a request too many, or the other side's lie. */
#define RING_REQUEST_CONS_OVERFLOW(_r, _cons)					\
	(((_cons) - (_r)->rsp_prod_pvt) >= RING_SIZE(_r))
#define RING_REQUEST_PROD_OVERFLOW(_r, _prod)					\
	(((_prod) - (_r)->rsp_prod_pvt) > RING_SIZE(_r))
#define RING_RESPONSE_PROD_OVERFLOW(_r, _prod)					\
	(((_prod) - (_r)->rsp_cons) > RING_SIZE(_r))

/* Show the other side what was made. */
#define RING_PUSH_REQUESTS(_r)							\
	do {									\
		xen_wmb();							\
		(_r)->sring->req_prod = (_r)->req_prod_pvt;			\
	} while (0)
#define RING_PUSH_RESPONSES(_r)							\
	do {									\
		xen_wmb();							\
		(_r)->sring->rsp_prod = (_r)->rsp_prod_pvt;			\
	} while (0)

/* And find out whether it wants an event. */
#define RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(_r, _notify)			\
	do {									\
		RING_IDX __before = (_r)->sring->req_prod;			\
		RING_IDX __after = (_r)->req_prod_pvt;				\
		xen_wmb();							\
		(_r)->sring->req_prod = __after;				\
		xen_mb();							\
		(_notify) = (RING_IDX)(__after - (_r)->sring->req_event) <	\
			    (RING_IDX)(__after - __before);			\
	} while (0)
#define RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(_r, _notify)			\
	do {									\
		RING_IDX __before = (_r)->sring->rsp_prod;			\
		RING_IDX __after = (_r)->rsp_prod_pvt;				\
		xen_wmb();							\
		(_r)->sring->rsp_prod = __after;				\
		xen_mb();							\
		(_notify) = (RING_IDX)(__after - (_r)->sring->rsp_event) <	\
			    (RING_IDX)(__after - __before);			\
	} while (0)

/* Before going to sleep: is there nothing? Then ask for an event, and look again. */
#define RING_FINAL_CHECK_FOR_REQUESTS(_r, _work)				\
	do {									\
		(_work) = RING_HAS_UNCONSUMED_REQUESTS(_r);			\
		if (_work)							\
			break;							\
		(_r)->sring->req_event = (_r)->req_cons + 1;			\
		xen_mb();							\
		(_work) = RING_HAS_UNCONSUMED_REQUESTS(_r);			\
	} while (0)
#define RING_FINAL_CHECK_FOR_RESPONSES(_r, _work)				\
	do {									\
		(_work) = RING_HAS_UNCONSUMED_RESPONSES(_r);			\
		if (_work)							\
			break;							\
		(_r)->sring->rsp_event = (_r)->rsp_cons + 1;			\
		xen_mb();							\
		(_work) = RING_HAS_UNCONSUMED_RESPONSES(_r);			\
	} while (0)

#endif /* __XEN_PUBLIC_IO_RING_H__ */
