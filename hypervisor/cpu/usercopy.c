/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest memory, through the guest's own addresses: the page tables that are
 * loaded are the guest's. A fault on the way is caught by the exception table. A
 * guest may name any address but ours.
 */
#include <xen/errno.h>

#include "cpu/asm.h"
#include "cpu/layout.h"
#include "cpu/usercopy.h"
#include "lib/string.h"
#include "machine.h"

size_t usercopy(void *to, const void *from, size_t bytes);

struct smap_site {
	u64 address;
	u64 code;
};

extern const struct ex_entry __start_ex_table[], __stop_ex_table[];
extern const struct smap_site __start_smap_sites[], __stop_smap_sites[];

/* Lower half, or above the hypervisor's slots; in between is ours or nobody's. */
static inline bool guest_range(u64 va, size_t bytes)
{
	u64 end = va + bytes;

	return end >= va && (end <= 0x0000800000000000 || va >= HYPERVISOR_END);
}

int copy_from_guest(void *to, const void *from, size_t bytes)
{
	if (unlikely(!guest_range((u64)from, bytes)))
		return -XEN_EFAULT;
	return likely(usercopy(to, from, bytes) == 0) ? 0 : -XEN_EFAULT;
}

int copy_to_guest(void *to, const void *from, size_t bytes)
{
	if (unlikely(!guest_range((u64)to, bytes)))
		return -XEN_EFAULT;
	return likely(usercopy(to, from, bytes) == 0) ? 0 : -XEN_EFAULT;
}

u64 exception_fixup(u64 rip)
{
	for (const struct ex_entry *e = __start_ex_table; e < __stop_ex_table;
	     e++)
		if (e->address == rip)
			return e->fixup;
	return 0;
}

/* Three-byte no-ops become stac and clac: the image's text is not writable, but
 * the same memory is in the direct map. */
void usercopy_enable_smap(void)
{
	for (const struct smap_site *s = __start_smap_sites;
	     s < __stop_smap_sites; s++)
		memcpy(map_frame(0) + s->address - IMAGE_VIRT + IMAGE_PHYS,
		       &s->code, 3);
}
