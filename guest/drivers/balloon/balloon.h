/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the balloon ask of each other. */
#ifndef XEN_BALLOON_PARTS_H
#define XEN_BALLOON_PARTS_H

#include <linux/mm_types.h>

/*
 * Have struct pages for @pages more than the domain has now (hotadd.c), rounded up to what
 * Linux can add. They come by balloon_add(), once they are online. Returns 0 or an error.
 * The balloon's mutex is not held. May sleep.
 */
#ifdef CONFIG_XEN_BALLOON_MEMORY_HOTPLUG
int balloon_hot_add(unsigned long pages);
void __init balloon_hot_add_init(void);
#else
static inline int balloon_hot_add(unsigned long pages)
{
	return -EOPNOTSUPP;
}

static inline void balloon_hot_add_init(void)
{
}
#endif

/* @count new pages from @page on, with nothing behind them, are the balloon's. */
void balloon_add(struct page *page, unsigned long count);

#endif
