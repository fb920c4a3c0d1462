// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of xm. A new one is a row here and a function; help, options and
 * the checks of the command line follow from the row.
 */
#include "xm.h"

static const struct xm_option json_options[] = {
	{ 'j', "json", NULL, "print JSON instead of a table" },
	{},
};

static const struct xm_option create_options[] = {
	{ 'c', "console", NULL, "attach to the domain's console, from its first line on" },
	{ 'f', "file", "FILE", "the configuration file, wherever it is" },
	{ 'n', "dry-run", NULL, "print the configuration and create nothing" },
	{ 'p', "paused", NULL, "leave the domain paused" },
	{ 'j', "json", NULL, "with -n: print JSON, as xend gets it" },
	{},
};

static const struct xm_option list_options[] = {
	{ 'l', "long", NULL, "everything that xend knows, as S-expressions" },
	{ 'j', "json", NULL, "print JSON instead; with -l, everything" },
	{},
};

static const struct xm_option shutdown_options[] = {
	{ 'a', "all", NULL, "every domain but Domain-0" },
	{ 'R', "reboot", NULL, "reboot instead" },
	{ 'w', "wait", NULL, "wait until it is down and its devices are gone" },
	{},
};

static const struct xm_option reboot_options[] = {
	{ 'a', "all", NULL, "every domain but Domain-0" },
	{ 'w', "wait", NULL, "wait until it is down" },
	{},
};

static const struct xm_option dmesg_options[] = {
	{ 'c', "clear", NULL, "empty the buffer after printing it" },
	{},
};

const struct command commands[] = {
	{ "help", "[COMMAND]", "Tell what there is, or all about one command", NULL, 0, 1, NULL,
	  run_help },
	{ "create", "[-cnp] CONFIG|-f FILE [NAME=VALUE...]", "Create a domain and start it",
	  "CONFIG is a file of Python in /etc/xen, or a path with a \"/\" in it. NAME=VALUE sets\n"
	  "a variable before the file runs and again after it, so the command line wins.\n"
	  "xmdomain.cfg(5) describes the variables. Ctrl-] leaves the console that -c attaches.",
	  0, -1, create_options, run_create },
	{ "list", "[-l] [DOMAIN...]", "List domains",
	  "Columns: name, number, memory in MiB, virtual CPUs, state, CPU time in seconds, TCP\n"
	  "port of the console. State: r running, b blocked, p paused, s shut down, c crashed,\n"
	  "d dying.",
	  0, -1, list_options, run_list },
	{ "console", "DOMAIN", "Attach this terminal to a domain's console; Ctrl-] leaves",
	  "Everything typed goes to the domain, Ctrl-c included, except Ctrl-]. The domain goes\n"
	  "on when you leave.",
	  1, 1, NULL, run_console },
	{ "destroy", "DOMAIN", "End a domain at once, as by pulling its plug",
	  "Returns when the domain, its devices and its memory are gone.", 1, 1, NULL,
	  run_destroy },
	{ "shutdown", "[-Rw] DOMAIN|-a", "Ask a domain to shut down",
	  "The domain's kernel does it, in its own time. What xend does then is the domain's\n"
	  "on_poweroff or on_reboot.",
	  0, 1, shutdown_options, run_shutdown },
	{ "reboot", "[-w] DOMAIN|-a", "Ask a domain to reboot", NULL, 0, 1, reboot_options,
	  run_reboot },
	{ "pause", "DOMAIN", "Stop a domain's virtual CPUs", NULL, 1, 1, NULL, run_pause },
	{ "unpause", "DOMAIN", "Let a paused domain run", NULL, 1, 1, NULL, run_unpause },
	{ "set-mem", "DOMAIN MIB", "Ask a domain to use that much memory",
	  "Sets the target of the domain's balloon driver, which follows in its own time and\n"
	  "cannot go beyond the domain's limit (xm maxmem).",
	  2, 2, NULL, run_set_mem },
	{ "maxmem", "DOMAIN MIB", "Limit how much memory a domain may have", NULL, 2, 2, NULL,
	  run_maxmem },
	{ "vcpu-list", "[DOMAIN...]", "List virtual CPUs, where they run and where they may",
	  "Columns: domain's name and number, virtual CPU, CPU it is on, state (r running,\n"
	  "b blocked, p paused), CPU time in seconds, CPUs it may run on.",
	  0, -1, json_options, run_vcpu_list },
	{ "pincpu", "DOMAIN VCPU|all CPUS|all", "Say which CPUs a virtual CPU may run on",
	  "CPUS is a number, a range, or several with commas: 1, 0-3, 0,2-3, 0-7,^4.", 3, 3, NULL,
	  run_pincpu },
	{ "bvt", "DOMAIN [MCUADV]", "Show or set a domain's weight under the BVT scheduler",
	  "MCUADV is how fast the domain's virtual time runs: half the number, twice the share.", 1,
	  2, json_options, run_bvt },
	{ "bvt_ctxallow", "[MICROSECONDS]", "Show or set BVT's context-switch allowance",
	  "How long a domain runs on before another that is behind may take its CPU.", 0, 1,
	  json_options, run_bvt_ctxallow },
	{ "atropos", "DOMAIN [PERIOD SLICE LATENCY XTRATIME]",
	  "Show or set what the Atropos scheduler promises a domain",
	  "In microseconds: each virtual CPU has SLICE in every PERIOD, and one that slept runs\n"
	  "within LATENCY (0: a period). XTRATIME is 1 if it may have more when nobody else\n"
	  "wants it, else 0.",
	  1, 5, json_options, run_atropos },
	{ "rrobin", "[MICROSECONDS]", "Show or set the slice of the round-robin scheduler", NULL, 0,
	  1, json_options, run_rrobin },
	{ "info", "", "Show the machine and the hypervisor", NULL, 0, 0, json_options, run_info },
	{ "dmesg", "[-c]", "Print the hypervisor's messages", NULL, 0, 0, dmesg_options,
	  run_dmesg },
	{},
};
