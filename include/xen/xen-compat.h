/* SPDX-License-Identifier: MIT */
/*
 * The version of the guest interface.
 *
 * Xen's own headers can present older forms of themselves. Ours know one form,
 * the newest that Xen 4.17 has. A program may still define
 * __XEN_INTERFACE_VERSION__ for other headers: we neither read nor change it.
 */
#ifndef __XEN_PUBLIC_XEN_COMPAT_H__
#define __XEN_PUBLIC_XEN_COMPAT_H__

#define __XEN_LATEST_INTERFACE_VERSION__	0x00040e00

#ifndef __XEN_INTERFACE_VERSION__
#define __XEN_INTERFACE_VERSION__		__XEN_LATEST_INTERFACE_VERSION__
#endif

/*
 * Structures and types are for C alone. Constants are for both languages, and
 * the compiler tells us which one it is reading.
 */
#if defined(__ASSEMBLER__) && !defined(__ASSEMBLY__)
#define __ASSEMBLY__	1
#endif

#ifndef __ASSEMBLY__
#include <stddef.h>
#include <stdint.h>
#endif

#endif /* __XEN_PUBLIC_XEN_COMPAT_H__ */
