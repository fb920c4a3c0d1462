/* Event channels: binding, masking, the upcall, waiting. */
#ifndef LIB_EVENT_H
#define LIB_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/event_channel.h>
#include "trap.h"

#define EVENT_COUNTED 1024

/* How often the upcall found a port pending, and how often it ran at all. */
extern volatile unsigned long event_count[EVENT_COUNTED];
extern volatile unsigned long upcall_count;
/* Called by trap.c for the event callback. Two-level ABI. */
void event_upcall(struct regs *regs);
/* If set, replaces the scan of the two-level bitmaps (the FIFO ABI does). */
extern void (*event_scan)(void);

/* Each returns a port or -errno. */
long event_alloc_unbound(unsigned int dom, unsigned int remote);
long event_bind_interdomain(unsigned int remote, unsigned int port);
long event_bind_virq(unsigned int virq, unsigned int vcpu);
long event_bind_ipi(unsigned int vcpu);
/* Each returns 0 or -errno. */
long event_close(unsigned int port);
long event_send(unsigned int port);
long event_unmask(unsigned int port);
long event_status(unsigned int port, struct evtchn_status *status);

/* The bitmaps in the shared info page, changed atomically. */
bool event_pending(unsigned int port);
void event_clear(unsigned int port);
void event_mask(unsigned int port);
bool event_masked(unsigned int port);

/*
 * Wait until the upcall has seen a port more than `seen` times. False after
 * about ten seconds of system time. Events must be enabled.
 */
bool event_wait(unsigned int port, unsigned long seen);

#endif
