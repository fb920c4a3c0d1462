/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XEN_CONSOLE_H
#define XEN_CONSOLE_H

#include <linux/spinlock.h>
#include <xen/interface/xen.h>
#include <xen/interface/io/console.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>

struct hvc_struct;
struct xenbus_device;

/* A console: two rings of bytes on a page, and an event channel. */
struct xc {
	struct list_head list;		/* of all that hvc may ask for */
	u32 vtermno;			/* what hvc calls it */
	raw_spinlock_t lock;		/* our half of the rings */
	struct xencons_interface *ring; /* NULL: the hypervisor's own console */
	evtchn_port_t port;
	int irq;
	u64 full_since; /* local_clock() since when nothing was taken; 0: there was room */
	bool lied;	/* its indices made no sense, and we said so */
	bool busy;	/* bytes went either way since the last event */

	/* Of consoles that xenbus has: */
	struct hvc_struct *hvc;
	struct xenbus_device *xbdev;
	grant_ref_t gref;
};

/* Where the first console appears: xencons=. */
enum xc_where { XC_HVC, XC_OFF, XC_TTY, XC_TTYS };
extern enum xc_where xc_where;

extern struct xc xc_first;

/* ring.c: any context; they take c->lock and return at once. */
int xc_read(struct xc *c, char *buf, int len);
int xc_write(struct xc *c, const char *buf, int len);
unsigned int xc_room(struct xc *c);
void xc_yield(void);

/* first.c */
bool xc_find_first(void);
void xc_print(const char *s, unsigned int len);

/* hvc.c */
int xc_hvc_console(void);
int xc_hvc_add(struct xc *c);
void xc_hvc_remove(struct xc *c);

/* tty.c */
int xc_tty_console(void);
int xc_tty_add(void);

#endif
