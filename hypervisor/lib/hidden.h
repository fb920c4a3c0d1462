/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included in front of every file by the Makefile: all symbols are in the one
 * image, so their addresses need no table of offsets to be looked up in.
 */
#pragma GCC visibility push(hidden)
