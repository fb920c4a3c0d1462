/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Around every call of a library: libraries are compiled for programs, and for
 * the time of the call we look like one. On the host we are one.
 */
#ifndef LIB_DECOMPRESS_ENVIRONMENT_H
#define LIB_DECOMPRESS_ENVIRONMENT_H

#ifdef XENOLITH_HOST
static inline void environment_enter(void)
{
}

static inline void environment_leave(void)
{
}
#else
void environment_enter(void);
void environment_leave(void);
#endif

#endif
