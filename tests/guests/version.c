/*
 * xen_version: what the hypervisor says it is and can do.
 */
#include "test.h"
#include <xen/features.h>
#include <xen/version.h>
#include "mm.h"

#define UNMAPPED 0x1000

static void numbers(void)
{
	long version = hv_xen_version(XENVER_version, 0);

	/* Major in the high half, minor in the low one: 4.17. */
	CHECK_EQ(version, 4 << 16 | 17);
	/* The argument is not looked at. */
	CHECK_EQ(hv_xen_version(XENVER_version, UNMAPPED), version);
	CHECK_EQ(hv_xen_version(XENVER_pagesize, 0), PAGE_SIZE);
	CHECK_EQ(hv_xen_version(XENVER_pagesize, UNMAPPED), -EINVAL);
}

/* Text is zero-terminated within its type's size. */
static void text(unsigned int cmd, size_t size)
{
	static char buf[PAGE_SIZE + 8];
	size_t len;

	memset(buf, 0xee, sizeof(buf));
	CHECK_EQ(hv_xen_version(cmd, buf), 0);
	for (len = 0; len < size && buf[len]; len++)
		CHECK(buf[len] >= ' ' && buf[len] <= '~');
	CHECK(len < size);
	CHECK_EQ((unsigned char)buf[size], 0xee);
	print("%u: '%s'\n", cmd, buf);
	CHECK_EQ(hv_xen_version(cmd, UNMAPPED), -EFAULT);
}

static void capabilities(void)
{
	xen_capabilities_info_t caps;

	CHECK_EQ(hv_xen_version(XENVER_capabilities, caps), 0);
	CHECK(!strncmp(caps, "xen-3.0-x86_64 ", 15));
}

static void features(void)
{
	struct xen_feature_info info = { .submap_idx = 0 };
	uint32_t must = 1U << XENFEAT_mmu_pt_update_preserve_ad | 1U << XENFEAT_highmem_assist |
			1U << XENFEAT_gnttab_map_avail_bits | 1U << XENFEAT_dom0 |
			1U << XENFEAT_pae_pgdir_above_4gb;
	uint32_t never =
		1U << XENFEAT_writable_page_tables | 1U << XENFEAT_auto_translated_physmap |
		1U << XENFEAT_writable_descriptor_tables | 1U << XENFEAT_supervisor_mode_kernel |
		1U << XENFEAT_hvm_callback_vector | 1U << XENFEAT_hvm_pirqs;

	CHECK_EQ(hv_xen_version(XENVER_get_features, &info), 0);
	print("features %x\n", info.submap);
	CHECK_EQ(info.submap & must, must);
	CHECK_EQ(info.submap & never, 0);
	CHECK_EQ(info.submap_idx, 0);
	info.submap_idx = XENFEAT_NR_SUBMAPS;
	CHECK_EQ(hv_xen_version(XENVER_get_features, &info), -EINVAL);
	CHECK_EQ(hv_xen_version(XENVER_get_features, UNMAPPED), -EFAULT);
}

static void others(void)
{
	struct xen_platform_parameters params;
	struct xen_build_id id = { 0 };
	struct xen_compile_info info;
	xen_domain_handle_t handle;
	unsigned int i, bits;

	CHECK_EQ(hv_xen_version(XENVER_platform_parameters, &params), 0);
	CHECK_EQ(params.virt_start, HYPERVISOR_VIRT_START);
	CHECK_EQ(hv_xen_version(XENVER_compile_info, &info), 0);
	print("%s; %s; %s; %s\n", info.compiler, info.compile_by, info.compile_domain,
	      info.compile_date);
	/* Dom0 was made by no tool and has no name. */
	memset(handle, 0xee, sizeof(handle));
	CHECK_EQ(hv_xen_version(XENVER_guest_handle, handle), 0);
	for (i = 0, bits = 0; i < sizeof(handle); i++)
		bits |= handle[i];
	CHECK_EQ(bits, 0);
	/* NULL asks how long the build id is. */
	i = hv_xen_version(XENVER_build_id, 0);
	print("build id of %u bytes\n", i);
	CHECK_EQ(hv_xen_version(XENVER_build_id, &id), -EINVAL); /* no room at all */
}

int test_main(struct start_info *si)
{
	(void)si;
	numbers();
	text(XENVER_extraversion, XEN_EXTRAVERSION_LEN);
	text(XENVER_capabilities, XEN_CAPABILITIES_INFO_LEN);
	text(XENVER_changeset, XEN_CHANGESET_INFO_LEN);
	text(XENVER_commandline, sizeof(xen_commandline_t));
	capabilities();
	features();
	others();
	CHECK_EQ(hv_xen_version(XENVER_guest_handle, UNMAPPED), -EFAULT);
	CHECK_EQ(hv_xen_version(XENVER_compile_info, UNMAPPED), -EFAULT);
	CHECK_EQ(hv_xen_version(XENVER_platform_parameters, UNMAPPED), -EFAULT);
	CHECK_EQ(hv_xen_version(XENVER_build_id, UNMAPPED), -EFAULT);
	CHECK_EQ(hv_xen_version(11, 0), -ENOSYS);
	CHECK_EQ(hv_xen_version(-1, 0), -ENOSYS);
	/* The command is an int: its high half is not looked at. */
	CHECK_EQ(hv_xen_version(1UL << 32, 0), 4 << 16 | 17);
	return 0;
}
