/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How functions of the tools fail: they return -1 (or NULL) and leave in the
 * caller's struct error one line for people, which names the input that was bad
 * and says what is allowed, without a newline or a full stop at its end.
 */
#ifndef TOOLS_ERROR_H
#define TOOLS_ERROR_H

struct error {
	/*
	 * What kind of failure, as an errno: EINVAL, the input makes no sense;
	 * ENOENT and ESRCH, it names a file or a domain that is not there;
	 * EEXIST and EBUSY, it is taken; ENOMEM and ENOSPC, there is too little;
	 * all else, the system's own.
	 */
	int number;
	char text[512];
};

/* Fill in *e (which may be NULL). Returns -1, so that callers can return it. */
int error_set(struct error *e, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with ": " and the text of errno behind it, and errno as the number. */
int error_errno(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Put "format: " before the text that is there, for who knows more. Returns -1. */
int error_prefix(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
