/* SPDX-License-Identifier: MIT */
/*
 * The states in which front and back of a split device meet. Each writes its
 * own, as a decimal number, to "state" in its xenstore directory, and watches
 * the other's.
 */
#ifndef _XEN_PUBLIC_IO_XENBUS_H
#define _XEN_PUBLIC_IO_XENBUS_H

enum xenbus_state {
	XenbusStateUnknown = 0,		/* no such node, or not a number */
	XenbusStateInitialising = 1,	/* has begun */
	XenbusStateInitWait = 2,	/* has told what it can, waits for the other */
	XenbusStateInitialised = 3,	/* has shared its rings, waits to be mapped */
	XenbusStateConnected = 4,	/* works */
	XenbusStateClosing = 5,		/* the other must let go */
	XenbusStateClosed = 6,		/* has let go */
	XenbusStateReconfiguring = 7,	/* (PCI) changes what the device has */
	XenbusStateReconfigured = 8,	/* (PCI) has changed it */
};
typedef enum xenbus_state XenbusState;

#endif /* _XEN_PUBLIC_IO_XENBUS_H */
