// SPDX-License-Identifier: GPL-2.0
/*
 * A configuration file is a program in Python: here it runs, in an interpreter
 * that sees neither the environment nor anybody's own modules, and what it
 * leaves in its variables is kept as JSON.
 *
 * NAME=VALUE of the command line is there before the file runs, so that it can
 * compute with it (vmid=3), and is set again afterwards, so that it wins.
 *
 * The file may do what Python can, with the rights of whoever runs xm: a
 * configuration is trusted as a shell script is. The limits here are against
 * mistakes.
 */
#include "config_vars.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_LARGEST (1 << 20) /* bytes of a configuration file */

bool config_error(struct config *config, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(config->error, sizeof(config->error), format, args);
	va_end(args);
	return false;
}

/* The file's text, ended by 0, or NULL. */
static char *read_file(struct config *config)
{
	int fd = open(config->file, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t length = 0;
	ssize_t n = 0;

	if (fd < 0) {
		config_error(config, "%s: %s", config->file, strerror(errno));
		return NULL;
	}
	text = malloc(FILE_LARGEST + 2);
	while (text && length <= FILE_LARGEST &&
	       (n = read(fd, text + length, FILE_LARGEST + 1 - length)) > 0)
		length += n;
	if (!text || n < 0)
		config_error(config, "%s: %s", config->file, strerror(errno));
	else if (length > FILE_LARGEST)
		config_error(config, "%s is larger than 1 MiB: not a configuration", config->file);
	else if (memchr(text, 0, length))
		config_error(config, "%s has bytes of 0: not a configuration", config->file);
	close(fd);
	if (config->error[0]) {
		free(text);
		return NULL;
	}
	text[length] = '\0';
	return text;
}

static bool start_python(struct config *config)
{
	PyPreConfig before;
	PyConfig python;
	PyStatus status;

	/* Files are UTF-8, whatever the locale. */
	PyPreConfig_InitIsolatedConfig(&before);
	before.utf8_mode = 1;
	status = Py_PreInitialize(&before);
	PyConfig_InitIsolatedConfig(&python);
	/* Debian's own library, whatever python3 $PATH has; no site-packages. */
	python.site_import = 0;
	python.write_bytecode = 0;
	if (!PyStatus_Exception(status))
		status = PyConfig_SetBytesString(&python, &python.home, "/usr");
	if (!PyStatus_Exception(status))
		status = PyConfig_SetBytesString(&python, &python.program_name, "/usr/bin/python3");
	if (!PyStatus_Exception(status))
		status = Py_InitializeFromConfig(&python);
	PyConfig_Clear(&python);
	if (PyStatus_Exception(status))
		return config_error(config, "Python does not start: %s",
				    status.err_msg ? status.err_msg : "no reason given");
	/* Standard output is xm's: print() in a configuration goes beside it. */
	PySys_SetObject("stdout", PySys_GetObject("stderr"));
	return true;
}

/* An attribute that is a number, or -1. */
static long number_of(PyObject *object, const char *name)
{
	PyObject *value = object ? PyObject_GetAttrString(object, name) : NULL;
	long n = value && PyLong_Check(value) ? PyLong_AsLong(value) : -1;

	PyErr_Clear();
	Py_XDECREF(value);
	return n;
}

/* Does this entry of a traceback lie in the configuration file? */
static bool in_file(struct config *config, PyObject *traceback)
{
	PyObject *frame = PyObject_GetAttrString(traceback, "tb_frame");
	PyObject *code = frame ? PyObject_GetAttrString(frame, "f_code") : NULL;
	PyObject *name = code ? PyObject_GetAttrString(code, "co_filename") : NULL;
	const char *text = name && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
	bool in = text && !strcmp(text, config->file);

	PyErr_Clear();
	Py_XDECREF(name);
	Py_XDECREF(code);
	Py_XDECREF(frame);
	return in;
}

/* The line of the file where it happened: the innermost that is in the file. */
static long error_line(struct config *config, PyObject *type, PyObject *value, PyObject *traceback)
{
	long line = -1;

	if (PyErr_GivenExceptionMatches(type, PyExc_SyntaxError))
		return number_of(value, "lineno");
	Py_XINCREF(traceback);
	while (traceback && traceback != Py_None) {
		PyObject *next = PyObject_GetAttrString(traceback, "tb_next");

		if (in_file(config, traceback))
			line = number_of(traceback, "tb_lineno");
		Py_DECREF(traceback);
		traceback = next;
	}
	PyErr_Clear();
	Py_XDECREF(traceback);
	return line;
}

/* The exception that is set, as one line: FILE:LINE: TYPE: MESSAGE. */
static bool exception(struct config *config)
{
	PyObject *type, *value, *traceback, *text;
	const char *name, *message;
	char where[24] = "";
	long line;

	PyErr_Fetch(&type, &value, &traceback);
	PyErr_NormalizeException(&type, &value, &traceback);
	line = error_line(config, type, value, traceback);
	if (line > 0)
		snprintf(where, sizeof(where), ":%ld", line);
	name = ((PyTypeObject *)type)->tp_name;
	/* The message of a syntax error repeats where it is. */
	if (PyErr_GivenExceptionMatches(type, PyExc_SyntaxError))
		text = PyObject_GetAttrString(value, "msg");
	else
		text = PyObject_Str(value);
	message = text && PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : NULL;
	PyErr_Clear();
	config_error(config, "%s%s: %s%s%s", config->file, where, name,
		     message && *message ? ": " : "", message ? message : "");
	Py_XDECREF(text);
	Py_XDECREF(type);
	Py_XDECREF(value);
	Py_XDECREF(traceback);
	return false;
}

/* Set every override in @vars. */
static bool apply_overrides(struct config *config, PyObject *vars)
{
	PyObject *fresh = PyDict_New();
	bool good = true;

	for (int i = 0; good && i < config->nr_overrides; i++) {
		const char *text = config->overrides[i], *equals = strchr(text, '=');
		char name[64];
		const struct variable *variable;
		const char *nearest;
		PyObject *value;

		snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
		variable = variable_find(name);
		if (!variable) {
			nearest = variable_nearest(name);
			good = config_error(config, "%.60s: unknown variable \"%s\"%s%s%s", text,
					    name, nearest ? ": did you mean " : "",
					    nearest ? nearest : "", nearest ? "?" : "");
			break;
		}
		value = variable_override(config, variable, equals + 1,
					  PyDict_GetItemString(fresh, name));
		good = value && !PyDict_SetItemString(fresh, name, value);
		Py_XDECREF(value);
	}
	good = good && !PyDict_Update(vars, fresh);
	Py_DECREF(fresh);
	return good;
}

/* Keep one variable that the file left, or refuse it. */
static bool keep(struct config *config, PyObject *key, PyObject *value)
{
	const char *name = PyUnicode_Check(key) ? PyUnicode_AsUTF8(key) : NULL;
	const struct variable *variable;
	const char *nearest;
	json_t *json;

	if (!name) {
		PyErr_Clear();
		return config_error(config, "%s: a variable has no proper name", config->file);
	}
	if (name[0] == '_')
		return true;
	variable = variable_find(name);
	if (!variable) {
		if (PyModule_Check(value) || PyCallable_Check(value))
			return true;
		nearest = variable_nearest(name);
		return config_error(config,
				    "%s: unknown variable \"%.60s\"%s%s%s (a name of your own "
				    "begins with \"_\")",
				    config->file, name, nearest ? ": did you mean " : "",
				    nearest ? nearest : "", nearest ? "?" : "");
	}
	json = variable_value(config, variable, value);
	if (json) {
		json_object_set_new(config->vars, name, json);
	} else if (config->error[0]) {
		char *why = strdupa(config->error);

		return config_error(config, "%s: %s", config->file, why);
	}
	return true;
}

/* Everything that the file left in @vars, in the order in which it was set. */
static bool keep_all(struct config *config, PyObject *vars)
{
	PyObject *items = PyDict_Items(vars);
	bool good = items;

	config->vars = json_object();
	for (Py_ssize_t i = 0; good && i < PyList_Size(items); i++) {
		PyObject *item = PyList_GetItem(items, i);

		good = keep(config, PyTuple_GetItem(item, 0), PyTuple_GetItem(item, 1));
	}
	Py_XDECREF(items);
	return good;
}

static bool run(struct config *config, const char *text, PyObject *vars)
{
	PyObject *code = Py_CompileString(text, config->file, Py_file_input);
	PyObject *result = code ? PyEval_EvalCode(code, vars, vars) : NULL;

	Py_XDECREF(code);
	if (!result)
		return exception(config);
	Py_DECREF(result);
	return true;
}

bool config_run(struct config *config)
{
	char *text = read_file(config);
	PyObject *vars;
	bool good;

	if (!text)
		return false;
	good = start_python(config);
	if (good) {
		vars = Py_BuildValue("{s:O,s:s,s:s}", "__builtins__", PyEval_GetBuiltins(),
				     "__name__", "xmconfig", "__file__", config->file);
		good = vars && apply_overrides(config, vars) && run(config, text, vars) &&
		       apply_overrides(config, vars) && keep_all(config, vars);
		Py_XDECREF(vars);
		/* Python ends with the process, without taking itself apart first. */
		PyErr_Clear();
		Py_XDECREF(PyObject_CallMethod(PySys_GetObject("stdout"), "flush", NULL));
		PyErr_Clear();
	}
	free(text);
	if (!good && !config->error[0])
		config_error(config, "%s: out of memory", config->file);
	return good;
}
