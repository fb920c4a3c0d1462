/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated hypervisor: sim_host.h. Frames lie in a file in memory, so that any
 * of them can be mapped side by side. A frame of page tables must not be mapped when
 * it is pinned, but the sim knows nothing of page tables: no frame may be, then.
 */
#include "sim_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/event_channel.h>
#include <xen/memory.h>

#define PAGE 4096ul
#define FIRST_FRAME 512u

struct sim_host sim_host;
struct control sim_host_control;

static int file = -1;
static char *all;
static xen_pfn_t next;

void sim_host_reset(void)
{
	if (file < 0)
		file = memfd_create("frames", MFD_CLOEXEC);
	if (all)
		munmap(all, SIM_FRAMES * PAGE);
	if (ftruncate(file, 0) || ftruncate(file, SIM_FRAMES * PAGE))
		abort();
	all = mmap(NULL, SIM_FRAMES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	memset(&sim_host, 0, sizeof(sim_host));
	sim_host.largest_order = 9;
	sim_host.free_frames = SIM_FRAMES / 2;
	for (unsigned int i = 0; i < SIM_FRAMES; i++)
		sim_host.pfn[i] = SIM_NO_PFN;
	next = FIRST_FRAME;
}

void *sim_frame(xen_pfn_t frame)
{
	return all + frame * PAGE;
}

/* Is this call the one that fails? */
static bool fails(int number)
{
	if (++sim_host.calls != sim_host.fail_at)
		return false;
	errno = number;
	return true;
}

static int fail(int number)
{
	errno = number;
	return -1;
}

static int domctl(struct xen_domctl *op)
{
	unsigned int vcpu;

	if (op->interface_version != XEN_DOMCTL_INTERFACE_VERSION)
		return fail(EACCES);
	if (op->cmd == XEN_DOMCTL_createdomain) {
		sim_host.exists = true;
		sim_host.vcpus = op->u.createdomain.max_vcpus;
		op->domain = SIM_DOMID;
		return 0;
	}
	if (!sim_host.exists || op->domain != SIM_DOMID)
		return fail(ESRCH);
	switch (op->cmd) {
	case XEN_DOMCTL_destroydomain:
		/* It takes its time. */
		if (sim_host.frames > 0) {
			sim_host.frames /= 2;
			return fail(EAGAIN);
		}
		sim_host.exists = false;
		return 0;
	case XEN_DOMCTL_max_vcpus:
		return op->u.max_vcpus.max == sim_host.vcpus ? 0 : fail(EINVAL);
	case XEN_DOMCTL_max_mem:
		sim_host.max_kib = op->u.max_mem.max_memkb;
		return 0;
	case XEN_DOMCTL_setvcpuaffinity:
		vcpu = op->u.vcpuaffinity.vcpu;
		memcpy(&sim_host.affinity[vcpu], op->u.vcpuaffinity.cpumap_hard.bitmap.p,
		       sizeof(struct cpu_map));
		return 0;
	case XEN_DOMCTL_getdomaininfo:
		op->u.getdomaininfo.domain = SIM_DOMID;
		op->u.getdomaininfo.shared_info_frame = SIM_SHARED_INFO;
		return 0;
	case XEN_DOMCTL_hypercall_init:
		sim_host.hypercall_page = op->u.hypercall_init.gmfn;
		return 0;
	case XEN_DOMCTL_setvcpucontext:
		sim_host.vcpu = *op->u.vcpucontext.ctxt.p;
		return 0;
	}
	return fail(ENOSYS);
}

static int sysctl(struct xen_sysctl *op)
{
	if (op->cmd != XEN_SYSCTL_physinfo)
		return fail(ENOSYS);
	op->u.physinfo.free_pages = sim_host.free_frames + sim_host.taken_later;
	return 0;
}

/* Frames of an extent are in a row and aligned; extents are apart. */
static int populate(struct xen_memory_reservation *r)
{
	uint64_t size = 1ull << r->extent_order;
	unsigned int i;

	for (i = 0; i < r->nr_extents; i++) {
		uint64_t pfn = r->extent_start.p[i];
		xen_pfn_t first = (next + size) & -size;

		if (r->extent_order > sim_host.largest_order || sim_host.free_frames < size ||
		    (sim_host.frames + size) * 4 > sim_host.max_kib || first + size > SIM_FRAMES)
			break;
		for (uint64_t j = 0; j < size; j++)
			sim_host.pfn[first + j] = pfn + j;
		/* As whoever had it before left it. */
		memset(sim_frame(first), 0xa5, size * PAGE);
		sim_host.free_frames -= size;
		sim_host.frames += size;
		sim_host.extents[r->extent_order]++;
		next = first + size;
		r->extent_start.p[i] = first;
	}
	return i;
}

int xencall1(xencall_handle *h, unsigned int op, uint64_t arg)
{
	(void)h;
	/* What must not fail: to take a domain away again. */
	if (op == __HYPERVISOR_domctl &&
	    ((struct xen_domctl *)arg)->cmd == XEN_DOMCTL_destroydomain)
		return domctl((void *)arg);
	if (fails(EINVAL))
		return -1;
	return op == __HYPERVISOR_domctl ? domctl((void *)arg) : sysctl((void *)arg);
}

int xencall2(xencall_handle *h, unsigned int op, uint64_t cmd, uint64_t arg)
{
	(void)h;
	if (fails(ENOMEM))
		return -1;
	if (op == __HYPERVISOR_memory_op && cmd == XENMEM_populate_physmap)
		return populate((void *)arg);
	if (op == __HYPERVISOR_memory_op && cmd == XENMEM_set_memory_map) {
		struct xen_foreign_memory_map *m = (void *)arg;

		memcpy(&sim_host.map_bytes, m->map.buffer.p + 8, 8);
		return 0;
	}
	if (op == __HYPERVISOR_event_channel_op && cmd == EVTCHNOP_alloc_unbound) {
		((struct evtchn_alloc_unbound *)arg)->port = ++sim_host.ports;
		return 0;
	}
	return fail(ENOSYS);
}

int xencall4(xencall_handle *h, unsigned int op, uint64_t arg, uint64_t count, uint64_t done,
	     uint64_t domid)
{
	struct mmuext_op *m = (void *)arg;

	(void)h, (void)count, (void)done;
	if (fails(EINVAL))
		return -1;
	if (op != __HYPERVISOR_mmuext_op || m->cmd != MMUEXT_PIN_L4_TABLE || domid != SIM_DOMID ||
	    sim_host.mappings)
		return fail(EINVAL);
	sim_host.l4 = m->arg1.mfn;
	return 0;
}

void *xencall_alloc_buffer(xencall_handle *h, size_t bytes)
{
	(void)h;
	if (fails(ENOMEM))
		return NULL;
	sim_host.buffers++;
	return malloc(bytes);
}

void xencall_free_buffer(xencall_handle *h, void *p)
{
	(void)h;
	sim_host.buffers--;
	free(p);
}

void *xenforeignmemory_map(xenforeignmemory_handle *h, uint32_t domid, int prot, size_t pages,
			   const xen_pfn_t *frames, int *errors)
{
	char *at;

	(void)h, (void)errors;
	if (domid != SIM_DOMID || fails(EFAULT))
		return NULL;
	at = mmap(NULL, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < pages; i++) {
		if (frames[i] >= SIM_FRAMES ||
		    (sim_host.pfn[frames[i]] == SIM_NO_PFN && frames[i] != SIM_SHARED_INFO))
			abort();
		mmap(at + i * PAGE, PAGE, prot, MAP_SHARED | MAP_FIXED, file, frames[i] * PAGE);
	}
	sim_host.mappings++;
	return at;
}

int xenforeignmemory_unmap(xenforeignmemory_handle *h, void *at, size_t pages)
{
	(void)h;
	sim_host.mappings--;
	return munmap(at, pages * PAGE);
}

xenforeignmemory_resource_handle *
xenforeignmemory_map_resource(xenforeignmemory_handle *h, domid_t domid, unsigned int type,
			      unsigned int id, unsigned long frame, unsigned long frames, void **at,
			      int prot, int flags)
{
	(void)h, (void)prot, (void)flags;
	if (domid != SIM_DOMID || type != XENMEM_resource_grant_table ||
	    id != XENMEM_resource_grant_table_id_shared || frame != 0 || frames != 1)
		abort();
	if (fails(EINVAL))
		return NULL;
	sim_host.mappings++;
	*at = sim_frame(SIM_GRANT_TABLE);
	return *at;
}

int xenforeignmemory_unmap_resource(xenforeignmemory_handle *h, xenforeignmemory_resource_handle *r)
{
	(void)h, (void)r;
	sim_host.mappings--;
	return 0;
}

/* Never called here; lib/control.c has them in it. */
xencall_handle *xencall_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger, (void)flags;
	return NULL;
}

int xencall_close(xencall_handle *h)
{
	(void)h;
	return 0;
}

xenforeignmemory_handle *xenforeignmemory_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger, (void)flags;
	return NULL;
}

int xenforeignmemory_close(xenforeignmemory_handle *h)
{
	(void)h;
	return 0;
}

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger, (void)flags;
	return NULL;
}

int xenevtchn_close(xenevtchn_handle *h)
{
	(void)h;
	return 0;
}

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger, (void)flags;
	return NULL;
}

int xengnttab_close(xengnttab_handle *h)
{
	(void)h;
	return 0;
}
