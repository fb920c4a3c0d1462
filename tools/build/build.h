/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The domain builder: from a kernel image and what the domain shall have to a
 * domain that stands before its first instruction, paused.
 */
#ifndef TOOLS_BUILD_H
#define TOOLS_BUILD_H

#include "lib/control.h"

struct build_request {
	uint8_t uuid[16];
	const char *kernel;	    /* path: ELF or bzImage */
	const char *ramdisk;	    /* path, NULL: none */
	const char *cmdline;	    /* at most 1023 bytes; NULL: empty */
	uint64_t memory_kib;	    /* what it starts with */
	uint64_t max_kib;	    /* what it may have; 0: memory_kib */
	unsigned int vcpus;	    /* > 0 */
	const struct cpu_map *cpus; /* where all VCPUs may run; NULL: anywhere */
	/*
	 * A directory in which unpacked kernels are kept for the next domain with the
	 * same file (made if it is not there, its parent must be); NULL: none.
	 */
	const char *cache;
};

/* How long each part took. */
struct build_times {
	uint64_t image_ns;  /* reading and unpacking the kernel */
	uint64_t create_ns; /* the empty domain */
	uint64_t memory_ns; /* its memory, and mapping what is filled in */
	uint64_t fill_ns;   /* kernel, ram disk, lists, tables */
	uint64_t start_ns;  /* validation, VCPU, ports */
	uint64_t total_ns;
};

/* What the caller needs for xenstore and the console. */
struct build_result {
	unsigned int domid;
	uint64_t store_mfn;   /* XS_INTRODUCE; store/ring-ref */
	uint32_t store_port;  /* the domain's port; domain 0 may bind it */
	uint64_t console_mfn; /* console/ring-ref */
	uint32_t console_port;
	struct build_times times;
};

/*
 * Build the domain that *r describes. It is left paused, known to nobody: the
 * caller writes xenstore, adds devices and a console, and unpauses it.
 *
 * -1: nothing of it is left. The message names the file or the number that is
 * wrong (EINVAL: bad kernel, command line too long, memory too small for it;
 * ENOENT: no such file; ENOMEM: the host has no memory for it).
 */
int build_domain(struct control *c, const struct build_request *r, struct build_result *out,
		 struct error *e);

/*
 * Unpack a kernel into such a directory, for domains to come. *unpacked is false if
 * it was there already, or is not packed. The message names the file.
 */
int build_unpack(const char *kernel, const char *cache, bool *unpacked, struct error *e);

#endif
