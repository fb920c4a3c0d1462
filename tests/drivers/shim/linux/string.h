/* SPDX-License-Identifier: GPL-2.0-only */
/* The C library's is the kernel's. */
#include <string.h>
