/* SPDX-License-Identifier: MIT */
/*
 * Asking the hypervisor what it is.
 *
 * long xen_version(int cmd, void *arg). Writer of every operand: the
 * hypervisor, except submap_idx and len.
 *
 * XENVER_version	no operand; returns the version, major << 16 | minor
 * XENVER_extraversion	xen_extraversion_t: the rest of it, ".2"
 * XENVER_compile_info	struct xen_compile_info
 * XENVER_capabilities	xen_capabilities_info_t: guest types, "xen-3.0-x86_64"
 * XENVER_changeset	xen_changeset_info_t: the source's revision
 * XENVER_platform_parameters	struct xen_platform_parameters
 * XENVER_get_features	struct xen_feature_info
 * XENVER_pagesize	no operand; returns bytes in a frame
 * XENVER_guest_handle	xen_domain_handle_t: the caller's UUID
 * XENVER_commandline	xen_commandline_t: the hypervisor's own
 * XENVER_build_id	struct xen_build_id; returns the length, also if the
 *			operand is null. -ENODATA: there is none; -ENOBUFS: len
 *			is too small
 *
 * The others return 0. Strings end with a NUL. A caller that may not know gets
 * "<denied>" instead of an error.
 */
#ifndef __XEN_PUBLIC_VERSION_H__
#define __XEN_PUBLIC_VERSION_H__

#include "xen.h"
#include "features.h"

#define XENVER_version			0
#define XENVER_extraversion		1
#define XENVER_compile_info		2
#define XENVER_capabilities		3
#define XENVER_changeset		4
#define XENVER_platform_parameters	5
#define XENVER_get_features		6
#define XENVER_pagesize			7
#define XENVER_guest_handle		8
#define XENVER_commandline		9
#define XENVER_build_id			10

#ifndef __ASSEMBLY__

typedef char xen_extraversion_t[16];
#define XEN_EXTRAVERSION_LEN		(sizeof(xen_extraversion_t))

struct xen_compile_info {
	char compiler[64];
	char compile_by[16];
	char compile_domain[32];
	char compile_date[32];
};
typedef struct xen_compile_info xen_compile_info_t;

typedef char xen_capabilities_info_t[1024];
#define XEN_CAPABILITIES_INFO_LEN	(sizeof(xen_capabilities_info_t))

typedef char xen_changeset_info_t[64];
#define XEN_CHANGESET_INFO_LEN		(sizeof(xen_changeset_info_t))

struct xen_platform_parameters {
	xen_ulong_t virt_start;		/* [out] start of the hypervisor's range */
};
typedef struct xen_platform_parameters xen_platform_parameters_t;

struct xen_feature_info {
	unsigned int submap_idx;	/* [in] features 32 * idx to 32 * idx + 31 */
	uint32_t submap;		/* [out] one bit each */
};
typedef struct xen_feature_info xen_feature_info_t;

typedef char xen_commandline_t[1024];

struct xen_build_id {
	uint32_t len;				/* [in] bytes in buf */
	unsigned char buf[XEN_FLEX_ARRAY_DIM];	/* [out] */
};
typedef struct xen_build_id xen_build_id_t;

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_VERSION_H__ */
