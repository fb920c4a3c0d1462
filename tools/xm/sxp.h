/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XM_SXP_H
#define XM_SXP_H

#include <jansson.h>

/*
 * Print "(@name ...)" with what @json holds, over several lines: members of an
 * object as (name value), those of an array one after the other, and (disk ...)
 * for each object of an array "disks".
 */
void sxp_print(const char *name, const json_t *json);

#endif
