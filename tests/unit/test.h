/* SPDX-License-Identifier: GPL-2.0-only */
/* First in every test: cmocka with the headers it wants before it. */
#ifndef UNIT_TEST_H
#define UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#endif
