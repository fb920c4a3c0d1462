/* SPDX-License-Identifier: MIT */
/*
 * Grant tables: how a domain lets another one use some of its frames.
 *
 * A domain's grant table is an array of entries in frames that it shares with
 * the hypervisor. An entry, named by its index (the grant reference), says who
 * may do what with which frame. The guest writes entries without a hypercall;
 * who uses one hands the reference to the hypervisor, which checks the entry,
 * marks it as in use and maps, copies or transfers.
 *
 * To grant: write domid and frame, then (a store later) flags with the type.
 * To revoke: exchange flags for 0 atomically, on the condition that neither
 * GTF_reading nor GTF_writing is set in the value exchanged. If one is set, the
 * other domain still uses the frame, and there is no way to take it away. An
 * entry for a transfer is revoked likewise, unless GTF_transfer_committed is
 * set: then GTF_transfer_completed follows soon.
 */
#ifndef __XEN_PUBLIC_GRANT_TABLE_H__
#define __XEN_PUBLIC_GRANT_TABLE_H__

#include "xen.h"

/* Entries that tools fill in before the guest starts: console and xenstore. */
#define GNTTAB_NR_RESERVED_ENTRIES	8
#define GNTTAB_RESERVED_CONSOLE		0
#define GNTTAB_RESERVED_XENSTORE	1

/* Flags of an entry: first its type. Writer: the guest. */
#define GTF_invalid		(xen_mk_uint(0) << 0)	/* grants nothing */
#define GTF_permit_access	(xen_mk_uint(1) << 0)	/* map or copy */
#define GTF_accept_transfer	(xen_mk_uint(2) << 0)	/* give me a frame */
#define GTF_transitive		(xen_mk_uint(3) << 0)	/* copy what was granted to me */
#define GTF_type_mask		(xen_mk_uint(3) << 0)

/* For access: no writing. Writer: the guest. */
#define _GTF_readonly		(2)
#define GTF_readonly		(xen_mk_uint(1) << _GTF_readonly)
/* For access: in use for reading, for writing. Writer: the hypervisor. */
#define _GTF_reading		(3)
#define GTF_reading		(xen_mk_uint(1) << _GTF_reading)
#define _GTF_writing		(4)
#define GTF_writing		(xen_mk_uint(1) << _GTF_writing)
/* For access: cache attributes that a mapping must have. Writer: the guest. */
#define _GTF_PWT		(5)
#define GTF_PWT			(xen_mk_uint(1) << _GTF_PWT)
#define _GTF_PCD		(6)
#define GTF_PCD			(xen_mk_uint(1) << _GTF_PCD)
#define _GTF_PAT		(7)
#define GTF_PAT			(xen_mk_uint(1) << _GTF_PAT)
/* For access: part of the frame, and only to copy. Writer: the guest. */
#define _GTF_sub_page		(8)
#define GTF_sub_page		(xen_mk_uint(1) << _GTF_sub_page)
/* For transfer: begun (hands off the entry), and done. Writer: the hypervisor. */
#define _GTF_transfer_committed	(2)
#define GTF_transfer_committed	(xen_mk_uint(1) << _GTF_transfer_committed)
#define _GTF_transfer_completed	(3)
#define GTF_transfer_completed	(xen_mk_uint(1) << _GTF_transfer_completed)

/*
 * int grant_table_op(unsigned int cmd, void *args, unsigned int count)
 *
 * args is an array of count structures of cmd; they are handled in order. The
 * call returns 0 when all were handled, whatever their status fields say; each
 * status is a GNTST_*. It returns an error if the array cannot be accessed, and
 * for commands that take one structure and have no status.
 */
#define GNTTABOP_map_grant_ref		0
#define GNTTABOP_unmap_grant_ref	1
#define GNTTABOP_setup_table		2	/* count 1 */
#define GNTTABOP_dump_table		3
#define GNTTABOP_transfer		4
#define GNTTABOP_copy			5
#define GNTTABOP_query_size		6	/* count 1 */
#define GNTTABOP_unmap_and_replace	7
#define GNTTABOP_set_version		8	/* count 1 */
#define GNTTABOP_get_status_frames	9	/* count 1 */
#define GNTTABOP_get_version		10	/* count 1 */
#define GNTTABOP_swap_grant_ref		11
#define GNTTABOP_cache_flush		12

/* gnttab_map_grant_ref.flags */
#define _GNTMAP_device_map	(0)	/* for I/O devices */
#define GNTMAP_device_map	(1 << _GNTMAP_device_map)
#define _GNTMAP_host_map	(1)	/* for CPUs, at host_addr */
#define GNTMAP_host_map		(1 << _GNTMAP_host_map)
#define _GNTMAP_readonly	(2)	/* not writable */
#define GNTMAP_readonly		(1 << _GNTMAP_readonly)
#define _GNTMAP_application_map	(3)	/* user code may use it too */
#define GNTMAP_application_map	(1 << _GNTMAP_application_map)
#define _GNTMAP_contains_pte	(4)	/* host_addr is a page-table entry's */
#define GNTMAP_contains_pte	(1 << _GNTMAP_contains_pte)
/* Bits 31:16 go to the page-table bits that are the guest's own use. */
#define _GNTMAP_guest_avail0	(16)
#define GNTMAP_guest_avail_mask	(xen_mk_uint(0xffff) << _GNTMAP_guest_avail0)

/* gnttab_copy.flags: which side is a reference and not a frame. */
#define _GNTCOPY_source_gref	(0)
#define GNTCOPY_source_gref	(1 << _GNTCOPY_source_gref)
#define _GNTCOPY_dest_gref	(1)
#define GNTCOPY_dest_gref	(1 << _GNTCOPY_dest_gref)

/* gnttab_cache_flush.op (ARM only) */
#define GNTTAB_CACHE_CLEAN		(xen_mk_uint(1) << 0)
#define GNTTAB_CACHE_INVAL		(xen_mk_uint(1) << 1)
#define GNTTAB_CACHE_SOURCE_GREF	(xen_mk_uint(1) << 31)

/* Status. */
#define GNTST_okay		(0)
#define GNTST_general_error	(-1)	/* none of the others */
#define GNTST_bad_domain	(-2)	/* no such domain */
#define GNTST_bad_gntref	(-3)	/* no such entry, or not for the caller */
#define GNTST_bad_handle	(-4)	/* no such mapping */
#define GNTST_bad_virt_addr	(-5)	/* cannot map there, or not mapped there */
#define GNTST_bad_dev_addr	(-6)	/* not the device address of it */
#define GNTST_no_device_space	(-7)	/* IOMMU is full */
#define GNTST_permission_denied	(-8)	/* caller may not */
#define GNTST_bad_page		(-9)	/* frame is not usable for this */
#define GNTST_bad_copy_arg	(-10)	/* copy crosses a frame's end */
#define GNTST_address_too_big	(-11)	/* frame is above what the target can use */
#define GNTST_eagain		(-12)	/* not now: try again */
#define GNTST_no_space		(-13)	/* no free handle or entry */

/* Text for a status, by its negative. */
#define GNTTABOP_error_msgs							\
	{									\
		"okay", "general error", "no such domain",			\
		"bad grant reference", "bad mapping handle",			\
		"bad virtual address", "bad device address",			\
		"no I/O MMU space", "permission denied", "bad frame",		\
		"copy crosses a frame", "frame address too high",		\
		"try again", "no space",					\
	}

#ifndef __ASSEMBLY__

typedef uint32_t grant_ref_t;		/* index into a grant table */
typedef uint32_t grant_handle_t;	/* the hypervisor's name of a mapping */

/* An entry, version 1. */
struct grant_entry_v1 {
	uint16_t flags;		/* GTF_*; guest and hypervisor */
	domid_t domid;		/* guest: to whom */
	/*
	 * Access: the machine frame, by the guest. Transfer: a pfn for the new
	 * frame, by the guest; when completed the machine frame, by the
	 * hypervisor.
	 */
	uint32_t frame;
};
typedef struct grant_entry_v1 grant_entry_v1_t;

/* What entries of all versions begin with. */
struct grant_entry_header {
	uint16_t flags;
	domid_t domid;
};
typedef struct grant_entry_header grant_entry_header_t;

/*
 * An entry, version 2. GTF_reading and GTF_writing of entry n are then in
 * element n of another array, of grant_status_t, in frames of its own.
 */
union grant_entry_v2 {
	grant_entry_header_t hdr;
	struct {
		grant_entry_header_t hdr;
		uint32_t pad0;
		uint64_t frame;		/* as in version 1 */
	} full_page;
	struct {			/* access with GTF_sub_page */
		grant_entry_header_t hdr;
		uint16_t page_off;	/* bytes */
		uint16_t length;	/* bytes */
		uint64_t frame;
	} sub_page;
	struct {			/* GTF_transitive */
		grant_entry_header_t hdr;
		domid_t trans_domid;	/* who granted it to me */
		uint16_t pad0;
		grant_ref_t gref;	/* by which entry */
	} transitive;
	uint32_t __spacer[4];
};
typedef union grant_entry_v2 grant_entry_v2_t;

typedef uint16_t grant_status_t;

/*
 * GNTTABOP_map_grant_ref: map a granted frame. Only unmap_grant_ref takes a
 * mapping away properly: an entry that is overwritten otherwise keeps the grant
 * in use until the domain dies.
 */
struct gnttab_map_grant_ref {
	/*
	 * [in] where: a virtual address in the present page tables, or with
	 * GNTMAP_contains_pte the machine address of a page-table entry
	 */
	uint64_t host_addr;
	uint32_t flags;			/* [in] GNTMAP_* */
	grant_ref_t ref;		/* [in] */
	domid_t dom;			/* [in] who grants */
	int16_t status;			/* [out] GNTST_* */
	grant_handle_t handle;		/* [out] */
	uint64_t dev_bus_addr;		/* [out] machine address, for devices */
};
typedef struct gnttab_map_grant_ref gnttab_map_grant_ref_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_map_grant_ref_t);

/*
 * GNTTABOP_unmap_grant_ref: take a mapping away. TLBs are flushed before the
 * call returns.
 */
struct gnttab_unmap_grant_ref {
	uint64_t host_addr;		/* [in] as mapped; 0: leave that one */
	uint64_t dev_bus_addr;		/* [in] as returned; 0: leave that one */
	grant_handle_t handle;		/* [in] */
	int16_t status;			/* [out] GNTST_* */
};
typedef struct gnttab_unmap_grant_ref gnttab_unmap_grant_ref_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_unmap_grant_ref_t);

/* GNTTABOP_setup_table: make the table at least so large, and tell its frames. */
struct gnttab_setup_table {
	domid_t dom;			/* [in] DOMID_SELF */
	uint32_t nr_frames;		/* [in] */
	int16_t status;			/* [out] general_error: over the limit */
	XEN_GUEST_HANDLE(xen_pfn_t) frame_list;	/* [out] machine frames */
};
typedef struct gnttab_setup_table gnttab_setup_table_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_setup_table_t);

/* GNTTABOP_dump_table: print it on the hypervisor's console. */
struct gnttab_dump_table {
	domid_t dom;			/* [in] */
	int16_t status;			/* [out] */
};
typedef struct gnttab_dump_table gnttab_dump_table_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_dump_table_t);

/*
 * GNTTABOP_transfer: give a frame to a domain that has an entry for it. After
 * a failure the caller has lost the frame too, unless it is GNTST_bad_page.
 */
struct gnttab_transfer {
	xen_pfn_t mfn;			/* [in] machine frame of the caller */
	domid_t domid;			/* [in] to whom */
	grant_ref_t ref;		/* [in] its entry */
	int16_t status;			/* [out] */
};
typedef struct gnttab_transfer gnttab_transfer_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_transfer_t);

/*
 * GNTTABOP_copy: copy bytes within a frame to within a frame; each is the
 * caller's own frame or is granted to the caller.
 */
struct gnttab_copy {
	struct gnttab_copy_ptr {
		union {
			grant_ref_t ref;
			xen_pfn_t gmfn;	/* machine frame */
		} u;
		domid_t domid;		/* who grants; DOMID_SELF for a frame */
		uint16_t offset;	/* bytes */
	} source, dest;			/* [in] */
	uint16_t len;			/* [in] bytes */
	uint16_t flags;			/* [in] GNTCOPY_* */
	int16_t status;			/* [out] */
};
typedef struct gnttab_copy gnttab_copy_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_copy_t);

/* GNTTABOP_query_size: how large the table is, and may become. */
struct gnttab_query_size {
	domid_t dom;			/* [in] DOMID_SELF */
	uint32_t nr_frames;		/* [out] */
	uint32_t max_nr_frames;		/* [out] */
	int16_t status;			/* [out] */
};
typedef struct gnttab_query_size gnttab_query_size_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_query_size_t);

/*
 * GNTTABOP_unmap_and_replace: take a mapping away and put in its place, with no
 * window between, the mapping of another virtual address, which then maps
 * nothing.
 */
struct gnttab_unmap_and_replace {
	uint64_t host_addr;		/* [in] as mapped */
	uint64_t new_addr;		/* [in] whose mapping moves here */
	grant_handle_t handle;		/* [in] */
	int16_t status;			/* [out] */
};
typedef struct gnttab_unmap_and_replace gnttab_unmap_and_replace_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_unmap_and_replace_t);

/*
 * GNTTABOP_set_version: choose the form of entries. -EBUSY: some are in use;
 * -EINVAL: neither 1 nor 2; -ENOSYS: the host allows version 1 alone.
 */
struct gnttab_set_version {
	uint32_t version;		/* [in/out] in force afterwards */
};
typedef struct gnttab_set_version gnttab_set_version_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_set_version_t);

/* GNTTABOP_get_status_frames: where the status array of version 2 is. */
struct gnttab_get_status_frames {
	uint32_t nr_frames;		/* [in] how many to tell */
	domid_t dom;			/* [in] DOMID_SELF */
	int16_t status;			/* [out] */
	XEN_GUEST_HANDLE(uint64_t) frame_list;	/* [out] machine frames */
};
typedef struct gnttab_get_status_frames gnttab_get_status_frames_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_get_status_frames_t);

/* GNTTABOP_get_version: which form a domain's entries have. */
struct gnttab_get_version {
	domid_t dom;			/* [in] */
	uint16_t pad;
	uint32_t version;		/* [out] */
};
typedef struct gnttab_get_version gnttab_get_version_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_get_version_t);

/* GNTTABOP_swap_grant_ref: exchange two entries that nobody uses. */
struct gnttab_swap_grant_ref {
	grant_ref_t ref_a;		/* [in] */
	grant_ref_t ref_b;		/* [in] */
	int16_t status;			/* [out] eagain: one is in use */
};
typedef struct gnttab_swap_grant_ref gnttab_swap_grant_ref_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_swap_grant_ref_t);

/* GNTTABOP_cache_flush: clean caches of a part of a frame, for its devices. */
struct gnttab_cache_flush {
	union {
		uint64_t dev_bus_addr;
		grant_ref_t ref;
	} a;				/* [in] */
	uint16_t offset;		/* [in] bytes */
	uint16_t length;		/* [in] bytes */
	uint32_t op;			/* [in] GNTTAB_CACHE_* */
};
typedef struct gnttab_cache_flush gnttab_cache_flush_t;
DEFINE_XEN_GUEST_HANDLE(gnttab_cache_flush_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_GRANT_TABLE_H__ */
