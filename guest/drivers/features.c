// SPDX-License-Identifier: GPL-2.0
/*
 * What the hypervisor can do and asks for: bits in words that are asked for one by
 * one, kept a byte each so that a look costs one instruction.
 */
#include <linux/bug.h>
#include <linux/cache.h>
#include <linux/export.h>
#include <asm/xen/hypercall.h>
#include <xen/features.h>
#include <xen/interface/version.h>
#include <xen/interface/xen.h>

u8 xen_features[XENFEAT_NR_SUBMAPS * 32] __read_mostly;
EXPORT_SYMBOL_GPL(xen_features);

/* Once, before anything asks; hypercalls work. */
void xen_setup_features(void)
{
	struct xen_feature_info info;
	unsigned int i;

	for (info.submap_idx = 0; info.submap_idx < XENFEAT_NR_SUBMAPS; info.submap_idx++) {
		if (HYPERVISOR_xen_version(XENVER_get_features, &info) < 0)
			break;
		for (i = 0; i < 32; i++)
			xen_features[info.submap_idx * 32 + i] = !!(info.submap & BIT(i));
	}
}
