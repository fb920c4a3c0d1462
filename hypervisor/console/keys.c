/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the operator can ask of the hypervisor by a key. Modules register theirs;
 * here are the table, the list of it (h), and the key that belongs to no module.
 */
#include "console/keys.h"
#include "cpu/shutdown.h"
#include "machine.h"

static struct {
	void (*fn)(unsigned char key);
	const char *help;
} keys[128];

void key_register(char key, void (*fn)(unsigned char key), const char *help)
{
	ASSERT((u8)key < ARRAY_SIZE(keys) && !keys[(u8)key].fn);
	keys[(u8)key].fn = fn;
	keys[(u8)key].help = help;
}

void key_handle(unsigned char key)
{
	if (key < ARRAY_SIZE(keys) && keys[key].fn)
		keys[key].fn(key);
}

/* Answers to a key are logged as errors: they appear whatever `loglvl=` is. */
static void key_help(unsigned char key)
{
	log_error("keys, when input goes to the hypervisor:");
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].fn)
			log_error("  %c  %s", i, keys[i].help);
	}
}

static void key_restart(unsigned char key)
{
	log_error("restart, as typed");
	machine_restart();
}

void keys_init(void)
{
	key_register('h', key_help, "list the keys");
	key_register('R', key_restart, "restart the machine");
}
