/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XEN_GNTDEV_H
#define XEN_GNTDEV_H

/* gntcopy.c: IOCTL_GNTDEV_GRANT_COPY. May sleep. 0, or as <uapi/xen/gntdev.h> says. */
long gntdev_copy(void __user *arg);

#endif
