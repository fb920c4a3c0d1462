/* The guest's grant table, version 1: its entries, mapped, and giving access. */
#ifndef LIB_GRANT_H
#define LIB_GRANT_H

#include <stdint.h>
#include <xen/grant_table.h>

/* Set by grant_init(). */
extern volatile struct grant_entry_v1 *grant_v1;

/* Ask for a table of so many frames; returns the status. frames[] gets mfns. */
long grant_setup(unsigned int frames, unsigned long *mfns);
/* Set up one frame and map it. */
void grant_init(void);
/* Fill an entry, flags last. flags: GTF_readonly or 0, or another type. */
void grant_access(unsigned int ref, unsigned int domid, unsigned long mfn, unsigned int flags);
void grant_end(unsigned int ref);

/* One mapping operation; each returns the status. */
long grant_map(uint64_t addr, unsigned int flags, unsigned int ref, unsigned int domid,
	       uint32_t *handle);
long grant_unmap(uint64_t addr, uint32_t handle);

#endif
