/*
 * Other domains, made and run by a test guest as domain 0: a page of code that
 * makes the hypercalls it is told to, a page of data through which it is told, and
 * page tables. No kernel.
 */
#ifndef LIB_DOMAIN_H
#define LIB_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/domctl.h>

/* Where a child sees its two pages. */
#define CHILD_CODE 0x400000UL
#define CHILD_DATA 0x401000UL

/* Not a hypercall: the child reads the port that is the first argument. */
#define CHILD_INB 0xffffffffU

/* The child's page of data. It sets go to 0 when it has stored the result. */
struct child_data {
	volatile uint64_t count; /* rises while the child runs */
	volatile uint64_t go;
	uint64_t nr, args[5];
	volatile int64_t result;
	uint64_t scratch[100]; /* for operands: see child_scratch() */
};

enum { CHILD_L4, CHILD_L3, CHILD_L2, CHILD_L1, CHILD_CODE_PAGE, CHILD_DATA_PAGE, CHILD_PAGES };

struct child {
	uint16_t id;
	unsigned long mfn[CHILD_PAGES];
	struct child_data *data; /* mapped here */
};

/* One domctl; op has its operands, the rest is filled in. */
long domctl(unsigned int cmd, unsigned int domid, struct xen_domctl *op);

/* An operand of createdomain that is right: one VCPU. */
void child_config(struct xen_domctl *op);

/*
 * Make a child that is ready to run, paused once, its data page mapped at the
 * page of ours given. False when a step failed, which is a failed check.
 */
bool child_create(struct child *c, void *window);

/* Unmap its data; window is a page of ours again. */
void child_unmap(struct child *c);

/* Have it do a hypercall and wait; its result. Ends the test when it does not come. */
long child_hypercall(struct child *c, unsigned int nr, uint64_t a1, uint64_t a2, uint64_t a3,
		     uint64_t a4);

/* The same, but do not wait: for hypercalls that do not come back. */
void child_tell(struct child *c, unsigned int nr, uint64_t a1, uint64_t a2, uint64_t a3,
		uint64_t a4);

/* Have it read a port, for which it needs an IOPL of 1. */
long child_inb(struct child *c, uint16_t port);

/* Where the child sees its scratch. */
static inline uint64_t child_scratch(void)
{
	return CHILD_DATA + __builtin_offsetof(struct child_data, scratch);
}

/* Let others run for a millisecond. */
void rest(void);

/* Destroy it, however often that must be asked for; the result of the last call. */
long child_destroy(struct child *c);

#endif
