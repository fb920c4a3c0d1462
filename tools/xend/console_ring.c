/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes through a domain's console page: console_ring.h. */
#include <string.h>

#include "xend/console_ring.h"

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

void console_ring_init(struct console_ring *r, struct xencons_interface *page)
{
	*r = (struct console_ring){
		.page = page,
		.out_cons = READ_ONCE(page->out_cons),
		.in_prod = READ_ONCE(page->in_prod),
	};
}

size_t console_ring_take(struct console_ring *r, char *to)
{
	XENCONS_RING_IDX prod = READ_ONCE(r->page->out_prod);
	size_t bytes = (XENCONS_RING_IDX)(prod - r->out_cons);
	size_t at = MASK_XENCONS_IDX(r->out_cons, r->page->out), first;

	if (bytes > sizeof(r->page->out))
		bytes = 0;
	/* The index before what it stands for. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	first = sizeof(r->page->out) - at;
	if (first > bytes)
		first = bytes;
	memcpy(to, r->page->out + at, first);
	memcpy(to + first, r->page->out, bytes - first);
	/* All was read before the domain may overwrite it. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	r->out_cons = prod;
	WRITE_ONCE(r->page->out_cons, prod);
	return bytes;
}

size_t console_ring_space(const struct console_ring *r)
{
	size_t used = (XENCONS_RING_IDX)(r->in_prod - READ_ONCE(r->page->in_cons));

	return used > sizeof(r->page->in) ? 0 : sizeof(r->page->in) - used;
}

size_t console_ring_put(struct console_ring *r, const char *from, size_t bytes)
{
	size_t space = console_ring_space(r);

	if (bytes > space)
		bytes = space;
	/* What the domain has read is free before we write there. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (size_t i = 0; i < bytes; i++)
		r->page->in[MASK_XENCONS_IDX(r->in_prod + i, r->page->in)] = from[i];
	__atomic_thread_fence(__ATOMIC_RELEASE);
	r->in_prod += bytes;
	WRITE_ONCE(r->page->in_prod, r->in_prod);
	return bytes;
}
