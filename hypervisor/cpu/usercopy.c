/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables behind cpu/guest_access.h: expected faults, and SMAP's switch. */
#include "cpu/layout.h"
#include "cpu/usercopy.h"
#include "lib/string.h"
#include "machine.h"

struct smap_site {
	u64 address;
	u64 code;
};

extern const struct ex_entry __start_ex_table[], __stop_ex_table[];
extern const struct smap_site __start_smap_sites[], __stop_smap_sites[];

u64 exception_fixup(u64 rip)
{
	for (const struct ex_entry *e = __start_ex_table; e < __stop_ex_table;
	     e++)
		if (e->address == rip)
			return e->fixup;
	return 0;
}

/*
 * The no-ops are as long as what takes their place. The image's text is not
 * writable, but the same memory is in the direct map.
 */
void usercopy_enable_smap(void)
{
	for (const struct smap_site *s = __start_smap_sites;
	     s < __stop_smap_sites; s++)
		memcpy(map_frame(0) + s->address - IMAGE_VIRT + IMAGE_PHYS,
		       &s->code, 3);
}
