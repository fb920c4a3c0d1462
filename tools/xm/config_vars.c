// SPDX-License-Identifier: GPL-2.0
/*
 * The variables that a configuration file may set, and from Python's objects to
 * checked JSON. A string with a number in it serves as a number, as it always
 * did with xm; every other difference of type is refused by name.
 */
#include "config_vars.h"
#include "text.h"

#include <string.h>

#define TEXT_LONGEST 4096 /* bytes in one string */
#define LIST_LONGEST 256  /* entries in one list */
#define CPU_HIGHEST 4095

static const struct variable variables[] = {
	{ .name = "name", .kind = TEXT },
	{ .name = "kernel", .kind = TEXT },
	{ .name = "ramdisk", .kind = TEXT },
	{ "memory", NUMBER, 1, 1LL << 30 }, /* MiB */
	{ "maxmem", NUMBER, 1, 1LL << 30 },
	{ "vcpus", NUMBER, 1, CPU_HIGHEST + 1 },
	{ "cpu", NUMBER, -1, CPU_HIGHEST },
	{ .name = "cpus", .kind = CPUS },
	{ .name = "disk", .kind = LIST },
	{ .name = "vif", .kind = LIST },
	{ .name = "bridge", .kind = TEXT },
	{ .name = "ip", .kind = TEXT },
	{ .name = "netmask", .kind = TEXT },
	{ .name = "gateway", .kind = TEXT },
	{ .name = "hostname", .kind = TEXT },
	{ .name = "dhcp", .kind = SWITCH },
	{ .name = "root", .kind = TEXT },
	{ .name = "nfs_server", .kind = TEXT },
	{ .name = "nfs_root", .kind = TEXT },
	{ .name = "extra", .kind = TEXT },
	{ .name = "restart", .kind = TEXT },
	{ .name = "on_poweroff", .kind = TEXT },
	{ .name = "on_reboot", .kind = TEXT },
	{ .name = "on_crash", .kind = TEXT },
	{ "console_port", NUMBER, 1, 65535 },
	{ .name = "uuid", .kind = TEXT },
	{ "vmid", NUMBER, 1, 1 << 30 }, /* for the file's own use: not passed on */
	{},
};

const struct variable *variable_find(const char *name)
{
	for (const struct variable *v = variables; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

static const char *next_variable(void *cursor)
{
	const struct variable **v = cursor;

	return (*v)->name ? (*v)++->name : NULL;
}

const char *variable_nearest(const char *name)
{
	const struct variable *cursor = variables;

	return text_nearest(name, next_variable, &cursor);
}

/* A string that fits on a line; NULL after saying why @what is not one. */
static const char *plain_text(struct config *config, const char *what, PyObject *value)
{
	const char *text;
	Py_ssize_t length;

	if (!PyUnicode_Check(value)) {
		config_error(config, "%s must be a string, not %s", what, Py_TYPE(value)->tp_name);
		return NULL;
	}
	text = PyUnicode_AsUTF8AndSize(value, &length);
	if (!text) {
		PyErr_Clear();
		config_error(config, "%s has characters that UTF-8 cannot hold", what);
		return NULL;
	}
	if (length > TEXT_LONGEST) {
		config_error(config, "%s is longer than %d bytes", what, TEXT_LONGEST);
		return NULL;
	}
	for (Py_ssize_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
			config_error(config, "%s has a control character in it (code %d)", what,
				     text[i]);
			return NULL;
		}
	}
	return text;
}

static json_t *number(struct config *config, const char *what, long long min, long long max,
		      PyObject *value)
{
	long long n = 0;
	bool good = false;

	if (PyUnicode_Check(value)) {
		const char *text = plain_text(config, what, value);

		if (!text)
			return NULL;
		if (min < 0 && !strcmp(text, "-1")) {
			n = -1;
			good = true;
		} else {
			good = text_number(text, min, max, &n);
		}
	} else if (PyLong_Check(value) && !PyBool_Check(value)) {
		int overflow;

		n = PyLong_AsLongLongAndOverflow(value, &overflow);
		good = !overflow && n >= min && n <= max;
	} else {
		config_error(config, "%s must be a number, not %s", what, Py_TYPE(value)->tp_name);
		return NULL;
	}
	if (!good) {
		PyObject *repr = PyObject_Repr(value);
		const char *text = repr ? PyUnicode_AsUTF8(repr) : NULL;

		PyErr_Clear();
		config_error(config, "%s is %.60s: allowed are whole numbers from %lld to %lld",
			     what, text ? text : "too large", min, max);
		Py_XDECREF(repr);
		return NULL;
	}
	return json_integer(n);
}

/* A list of what @one (for strings: plain_text) makes of its items. */
static json_t *list(struct config *config, const struct variable *variable, PyObject *value)
{
	json_t *array;
	Py_ssize_t n;

	if (!PyList_Check(value) && !PyTuple_Check(value)) {
		config_error(config, "%s must be a list, not %s", variable->name,
			     Py_TYPE(value)->tp_name);
		return NULL;
	}
	n = PySequence_Fast_GET_SIZE(value);
	if (n > LIST_LONGEST) {
		config_error(config, "%s has %zd entries: allowed are %d", variable->name, n,
			     LIST_LONGEST);
		return NULL;
	}
	array = json_array();
	for (Py_ssize_t i = 0; i < n; i++) {
		PyObject *item = PySequence_Fast_GET_ITEM(value, i);
		json_t *json = NULL;
		char what[48];

		snprintf(what, sizeof(what), "%s[%zd]", variable->name, i);
		if (variable->kind == CPUS) {
			json = number(config, what, 0, CPU_HIGHEST, item);
		} else {
			const char *text = plain_text(config, what, item);

			if (text)
				json = json_string(text);
		}
		if (!json) {
			json_decref(array);
			return NULL;
		}
		json_array_append_new(array, json);
	}
	return array;
}

static json_t *cpus(struct config *config, const struct variable *variable, PyObject *value)
{
	char error[256];
	const char *text;
	json_t *array;

	if (PyLong_Check(value))
		return json_pack("[o*]", number(config, variable->name, 0, CPU_HIGHEST, value));
	if (!PyUnicode_Check(value))
		return list(config, variable, value);
	text = plain_text(config, variable->name, value);
	if (!text)
		return NULL;
	array = text_cpus(text, CPU_HIGHEST + 1, error, sizeof(error));
	if (!array)
		config_error(config, "%s: %s", variable->name, error);
	return array;
}

json_t *variable_value(struct config *config, const struct variable *variable, PyObject *value)
{
	const char *text;

	if (value == Py_None)
		return NULL;
	switch (variable->kind) {
	case NUMBER:
		return number(config, variable->name, variable->min, variable->max, value);
	case LIST:
		return list(config, variable, value);
	case CPUS:
		return cpus(config, variable, value);
	case SWITCH:
		if (PyBool_Check(value))
			return json_boolean(value == Py_True);
		break;
	case TEXT:
		break;
	}
	text = plain_text(config, variable->name, value);
	return text ? json_string(text) : NULL;
}

/* "[...]" on the command line: a list written as in the file, of literals only. */
static PyObject *literal_list(struct config *config, const struct variable *variable,
			      const char *text)
{
	PyObject *ast = PyImport_ImportModule("ast"), *value = NULL;

	if (ast)
		value = PyObject_CallMethod(ast, "literal_eval", "s", text);
	Py_XDECREF(ast);
	if (!value || !PyList_Check(value)) {
		PyErr_Clear();
		Py_XDECREF(value);
		config_error(config, "%s=%.60s is not a list as Python writes it", variable->name,
			     text);
		return NULL;
	}
	return value;
}

PyObject *variable_override(struct config *config, const struct variable *variable,
			    const char *text, PyObject *before)
{
	PyObject *value, *list;
	long long n;

	if (variable->kind == LIST && text[0] == '[')
		return literal_list(config, variable, text);
	if (variable->kind == NUMBER && text_number(text, 0, variable->max, &n))
		return PyLong_FromLongLong(n);
	if (variable->kind == SWITCH && (!strcmp(text, "True") || !strcmp(text, "False")))
		return PyBool_FromLong(text[0] == 'T');
	value = PyUnicode_DecodeUTF8(text, strlen(text), NULL);
	if (!value) {
		PyErr_Clear();
		config_error(config, "the value given for %s is not UTF-8", variable->name);
		return NULL;
	}
	if (variable->kind != LIST)
		return value;
	list = before && PyList_Check(before) ? PyList_GetSlice(before, 0, PyList_Size(before)) :
						PyList_New(0);
	PyList_Append(list, value);
	Py_DECREF(value);
	return list;
}
