/* SPDX-License-Identifier: GPL-2.0-only */
/* The last steps of building a domain: from memory with contents to a VCPU. */
#ifndef TOOLS_START_H
#define TOOLS_START_H

#include "build/layout.h"
#include "build/memory.h"

/* The console's and xenstore's frames into the grant table, for domain 0. */
int start_grants(struct control *c, unsigned int domid, xen_pfn_t console, xen_pfn_t store,
		 struct error *e);

/* Fill the hypercall page, which is a frame of the domain. */
int start_hypercall_page(struct control *c, unsigned int domid, xen_pfn_t frame, struct error *e);

/* Have the page tables checked and held. No mapping of them may be left. */
int start_pin(struct control *c, unsigned int domid, xen_pfn_t l4, struct error *e);

/* The first VCPU, before its first instruction. */
int start_vcpu(struct control *c, unsigned int domid, const struct layout *l, uint64_t entry,
	       xen_pfn_t l4, struct error *e);

/* What XENMEM_memory_map will tell the domain: RAM from 0 to so much. */
int start_memory_map(struct control *c, unsigned int domid, uint64_t bytes, struct error *e);

#endif
