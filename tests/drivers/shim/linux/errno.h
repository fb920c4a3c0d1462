/* SPDX-License-Identifier: GPL-2.0-only */
/* Those for programs are the same; the C library asks for this file, too. */
#include_next <linux/errno.h>
