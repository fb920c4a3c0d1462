/* SPDX-License-Identifier: GPL-2.0-only */
/* The version of the ABI that we speak: Xen 4.17. */
#ifndef HYPERCALL_ABI_H
#define HYPERCALL_ABI_H

#define XENOLITH_ABI_MAJOR 4
#define XENOLITH_ABI_MINOR 17

#endif
