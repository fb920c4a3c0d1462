/* SPDX-License-Identifier: MIT */
/*
 * Names of structure layouts. A frontend writes the one that its rings have to
 * its xenstore directory as "protocol"; without it the backend takes its own.
 */
#ifndef __XEN_PROTOCOLS_H__
#define __XEN_PROTOCOLS_H__

#define XEN_IO_PROTO_ABI_X86_32	"x86_32-abi"
#define XEN_IO_PROTO_ABI_X86_64	"x86_64-abi"
#define XEN_IO_PROTO_ABI_ARM	"arm-abi"

#define XEN_IO_PROTO_ABI_NATIVE	XEN_IO_PROTO_ABI_X86_64

#endif /* __XEN_PROTOCOLS_H__ */
