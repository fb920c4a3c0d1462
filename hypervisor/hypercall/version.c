/* SPDX-License-Identifier: GPL-2.0-only */
/* xen_version: which interface this is. We answer for the ABI, and as ourselves
 * where people read it. */
#include <xen/errno.h>
#include <xen/features.h>
#include <xen/version.h>

#include "boot/boot_info.h"
#include "cpu/layout.h"
#include "domain/domain.h"
#include "hypercall/abi.h"
#include "hypercall/hypercall.h"
#include "lib/format.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/paging.h"

static long answer(void *arg, const void *from, size_t bytes)
{
	return copy_to_guest(arg, from, bytes) ? -XEN_EFAULT : 0;
}

static long get_features(void *arg)
{
	struct xen_feature_info info;

	if (copy_from_guest(&info, arg, sizeof(info)))
		return -XEN_EFAULT;
	info.submap = 0;
	if (info.submap_idx == 0) {
		info.submap = 1u << XENFEAT_pae_pgdir_above_4gb |
			      1u << XENFEAT_mmu_pt_update_preserve_ad |
			      1u << XENFEAT_highmem_assist |
			      1u << XENFEAT_gnttab_map_avail_bits |
			      1u << XENFEAT_memory_op_vnode_supported;
		if (current->domain->is_privileged)
			info.submap |= 1u << XENFEAT_dom0;
		info.submap |= 1u << XENFEAT_direct_mapped;
	} else if (info.submap_idx >= XENFEAT_NR_SUBMAPS) {
		return -XEN_EINVAL;
	}
	return answer(arg, &info, sizeof(info));
}

/* The linker's note: a note header, "GNU", and the identifier. */
extern const struct {
	u32 namesz, descsz, type;
	char name[4];
	u8 desc[];
} __build_id_note;

static long build_id(void *arg)
{
	u32 len = __build_id_note.descsz, room;

	if (!arg)
		return len;
	if (copy_from_guest(&room, arg, sizeof(room)))
		return -XEN_EFAULT;
	if (room == 0)
		return -XEN_EINVAL;
	if (room < len)
		return -XEN_ENOBUFS;
	if (copy_to_guest(arg + offsetof(struct xen_build_id, buf),
			  __build_id_note.desc, len))
		return -XEN_EFAULT;
	return len;
}

/* In strings on the stack, which the version itself shall not pay for. */
static __attribute__((noinline)) long answers(int cmd, void *arg)
{
	switch (cmd) {
	case XENVER_extraversion: {
		xen_extraversion_t s = ".0-xenolith";

		return answer(arg, s, sizeof(s));
	}
	case XENVER_compile_info: {
		struct xen_compile_info info = { .compiler = __VERSION__,
						 .compile_by = "xenolith",
						 .compile_domain = "",
						 .compile_date = "" };

		return answer(arg, &info, sizeof(info));
	}
	case XENVER_capabilities: {
		xen_capabilities_info_t s = "xen-3.0-x86_64 ";

		return answer(arg, s, sizeof(s));
	}
	case XENVER_changeset: {
		xen_changeset_info_t s = "xenolith " XENOLITH_VERSION;

		return answer(arg, s, sizeof(s));
	}
	case XENVER_platform_parameters: {
		struct xen_platform_parameters p = {
			.virt_start = HYPERVISOR_START
		};

		return answer(arg, &p, sizeof(p));
	}
	case XENVER_get_features:
		return get_features(arg);
	case XENVER_pagesize:
		return arg ? -XEN_EINVAL : (long)PAGE_SIZE;
	case XENVER_guest_handle:
		return answer(arg, current->domain->handle,
			      sizeof(current->domain->handle));
	case XENVER_commandline: {
		xen_commandline_t s = "<denied>";

		if (current->domain->is_privileged)
			strlcpy(s, boot_info.cmdline, sizeof(s));
		return answer(arg, s, sizeof(s));
	}
	case XENVER_build_id:
		return current->domain->is_privileged ? build_id(arg) :
							-XEN_EPERM;
	default:
		return -XEN_ENOSYS;
	}
}

long do_xen_version(int cmd, void *arg)
{
	if (cmd == XENVER_version)
		return XENOLITH_ABI_MAJOR << 16 | XENOLITH_ABI_MINOR;
	return answers(cmd, arg);
}
