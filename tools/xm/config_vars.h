/* SPDX-License-Identifier: GPL-2.0 */
/* The variables of a configuration file: see config_vars.c. */
#ifndef XM_CONFIG_VARS_H
#define XM_CONFIG_VARS_H

#include <Python.h>

#include "config.h"

/* What kind of value a variable takes. */
enum kind {
	TEXT,	/* a string */
	NUMBER, /* a whole number, or a string with one */
	LIST,	/* a list or tuple of strings */
	CPUS,	/* a number, a string like "0-3,^1", or a list of numbers */
	SWITCH, /* True, False, or a string */
};

struct variable {
	const char *name;
	enum kind kind;
	long long min, max; /* of a NUMBER */
};

/* The variable of that name, or NULL. */
const struct variable *variable_find(const char *name);

/* The variable that was probably meant by @name, or NULL. */
const char *variable_nearest(const char *name);

/*
 * The variable's value as JSON, types checked: text, integer, array, boolean.
 * NULL with @config->error set, or with it empty if @value is None: not set.
 */
json_t *variable_value(struct config *config, const struct variable *variable, PyObject *value);

/*
 * What @text on the command line stands for, as a Python object. For a LIST,
 * @before (may be NULL) is the value from an earlier override, to which it adds.
 * NULL with @config->error set.
 */
PyObject *variable_override(struct config *config, const struct variable *variable,
			    const char *text, PyObject *before);

#endif
