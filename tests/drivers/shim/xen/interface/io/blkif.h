/* SPDX-License-Identifier: GPL-2.0 */
/* The protocol's constants, as libxen-dev has them. */
#include <stdint.h>

#include <xen/xen.h>

#include <xen/io/blkif.h>
