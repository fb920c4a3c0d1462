// SPDX-License-Identifier: GPL-2.0
/*
 * How much a domain may send: so many bytes in each window of time. What was not spent
 * in a window is lost. A packet goes when anything is left, and what it costs beyond
 * that is taken from the windows that follow: so a packet that is larger than a window's
 * bytes gets through too, and over time no more goes than is allowed.
 *
 * Whoever calls holds the lock. Plain C: tests compile it on the host.
 */
#include "credit.h"

void credit_set(struct credit *credit, u64 bytes, u64 window, u64 now)
{
	if (window == 0)
		bytes = 0;
	if (credit->bytes == bytes && credit->window == window)
		return;
	credit->bytes = bytes;
	credit->window = window;
	credit->until = now + window;
	credit->left = (int64_t)bytes;
}

/* How long until a packet may be sent, in ns; 0: now. */
u64 credit_wait(struct credit *credit, u64 now)
{
	u64 windows;

	if (credit->bytes == 0)
		return 0;
	if (now >= credit->until) {
		windows = (now - credit->until) / credit->window + 1;
		credit->until += windows * credit->window;
		/* No packet has more than 64 KiB: the debt is small, so this cannot overflow. */
		if (windows > (u64)(1 << 20) || credit->left >= 0 ||
		    windows * credit->bytes >= credit->bytes + (u64)-credit->left)
			credit->left = (int64_t)credit->bytes;
		else
			credit->left += (int64_t)(windows * credit->bytes);
	}
	if (credit->left > 0)
		return 0;
	windows = (u64)-credit->left / credit->bytes;
	return credit->until - now + windows * credit->window;
}
