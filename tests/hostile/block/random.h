/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers at random, the same for the same seed. */
#ifndef HOSTILE_BLOCK_RANDOM_H
#define HOSTILE_BLOCK_RANDOM_H

#include "../hostile.h"

static inline u64 next(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return seed >> 20;
}

static inline unsigned int below(unsigned int n)
{
	return next() % n;
}

static inline bool one_in(unsigned int n)
{
	return !below(n);
}

#endif
