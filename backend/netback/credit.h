/* SPDX-License-Identifier: GPL-2.0 */
/* A limit of bytes in a time: see credit.c. */
#ifndef NETBACK_CREDIT_H
#define NETBACK_CREDIT_H

#include <linux/types.h>

struct credit {
	u64 bytes;  /* of a window; 0: there is no limit */
	u64 window; /* ns */
	u64 until;  /* ns: when the window ends */
	int64_t left; /* bytes; below 0: spent in advance */
};

void credit_set(struct credit *credit, u64 bytes, u64 window, u64 now);
u64 credit_wait(struct credit *credit, u64 now);

/* Pay for bytes that are sent; credit_wait() said that they may be. */
static inline void credit_pay(struct credit *credit, unsigned int bytes)
{
	if (credit->bytes)
		credit->left -= bytes;
}

#endif
