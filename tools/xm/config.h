/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a configuration file to what xend is asked for. Three steps, one file
 * each: config_python.c runs the file and keeps its variables, config_vars.c
 * says which variables there are and checks their types, config.c makes the
 * domain's configuration of them, with config_device.c for disks and network
 * interfaces and config_cmdline.c for the kernel's command line.
 *
 * Every step returns false after it wrote one line to @error.
 */
#ifndef XM_CONFIG_H
#define XM_CONFIG_H

#include <stdbool.h>
#include <jansson.h>

struct config {
	const char *file; /* the path, as messages show it */
	char **overrides; /* NAME=VALUE each */
	int nr_overrides;
	json_t *vars; /* the variables that are set, by name, types checked */
	char error[1024];
};

/* Format @config->error and return false. */
bool config_error(struct config *config, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Run the file with the overrides and fill in @config->vars. Python runs once in
 * a process.
 */
bool config_run(struct config *config);

/*
 * What xend is asked for (docs/xend-http.md, POST /domains), of @config->vars.
 * NULL if they do not fit together.
 */
json_t *config_domain(struct config *config);

/* The kernel's command line, of the variables; NULL on failure. */
json_t *config_cmdline(struct config *config);

/* One entry of the variables disk and vif; NULL on failure. */
json_t *config_disk(struct config *config, size_t index, const char *text);
json_t *config_vif(struct config *config, size_t index, const char *text);

/* The variable's value, or NULL if it is not set. */
const char *config_text(const struct config *config, const char *name);

/* @path, made absolute by the directory xm runs in: a new string. */
json_t *config_path(const char *path);

#endif
