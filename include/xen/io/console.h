/* SPDX-License-Identifier: MIT */
/*
 * The console page of a domain, shared with the daemon that serves it. Indices
 * count bytes and wrap at 2^32; each byte array is a ring.
 */
#ifndef __XEN_PUBLIC_IO_CONSOLE_H__
#define __XEN_PUBLIC_IO_CONSOLE_H__

#include <stdint.h>

typedef uint32_t XENCONS_RING_IDX;

#define MASK_XENCONS_IDX(idx, ring)	((idx) & (sizeof(ring) - 1))

struct xencons_interface {
	char in[1024];			/* daemon: to the guest */
	char out[2048];			/* guest: to the console */
	XENCONS_RING_IDX in_cons;	/* guest: bytes of in taken */
	XENCONS_RING_IDX in_prod;	/* daemon: bytes of in put */
	XENCONS_RING_IDX out_cons;	/* daemon: bytes of out taken */
	XENCONS_RING_IDX out_prod;	/* guest: bytes of out put */
};

#endif /* __XEN_PUBLIC_IO_CONSOLE_H__ */
