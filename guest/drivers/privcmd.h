/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XEN_PRIVCMD_H
#define XEN_PRIVCMD_H

#include <linux/fs.h>

/* /dev/xen/privcmd, and privcmd in xenfs; /dev/xen/hypercall. */
extern const struct file_operations xen_privcmd_fops;
extern const struct file_operations xen_privcmdbuf_fops;

int privcmd_buffers_init(void);
void privcmd_buffers_exit(void);

#endif
