/* SPDX-License-Identifier: GPL-2.0-only */
/* boot/cmdline.c: each kind of option, well-formed and not. */
#include "test.h"

#include <string.h>

#include <xen/errno.h>

/* Not a part of the core: the sources themselves. */
#include "boot/cmdline.c"
#include "lib/string.c"

static bool opt_flag, opt_on = true;
static unsigned int opt_number = 7;
static u64 opt_size = 7;
static char opt_text[8] = "old";
static char seen[64];

static int parse_seen(const char *value)
{
	strcpy(seen, value);
	return strcmp(value, "bad") == 0 ? -XEN_EINVAL : 0;
}

PARAM_BOOL("flag", opt_flag);
PARAM_BOOL("on", opt_on);
PARAM_UINT("number", opt_number);
PARAM_SIZE("size", opt_size);
PARAM_STRING("text", opt_text);
PARAM_FN("fn", parse_seen);

static void test_bool(void **state)
{
	static const char *const yes[] = { "flag", "flag=on", "flag=yes",
					   "flag=true", "flag=1", "flag=enable" };
	static const char *const no[] = { "no-flag", "flag=off", "flag=no",
					  "flag=false", "flag=0", "flag=disable" };

	for (unsigned int i = 0; i < ARRAY_SIZE(yes); i++) {
		opt_flag = false;
		cmdline_parse(yes[i]);
		assert_true(opt_flag);
		cmdline_parse(no[i]);
		assert_false(opt_flag);
	}
	cmdline_parse("flag=maybe no-on=1 flagg fla no-flagg");
	assert_false(opt_flag);
	assert_true(opt_on);
}

static void test_numbers(void **state)
{
	cmdline_parse("number=12");
	assert_int_equal(opt_number, 12);
	cmdline_parse("number=0xfF");
	assert_int_equal(opt_number, 255);
	cmdline_parse("number=4294967296 number= number number=5x number=-1 no-number number=0x");
	assert_int_equal(opt_number, 255);

	cmdline_parse("size=8");
	assert_int_equal(opt_size, 8 << 10);
	cmdline_parse("size=9B");
	assert_int_equal(opt_size, 9);
	cmdline_parse("size=3k");
	assert_int_equal(opt_size, 3 << 10);
	cmdline_parse("size=0x10M");
	assert_int_equal(opt_size, 16 << 20);
	cmdline_parse("size=2G size=1Q size=99999999999T size=M");
	assert_int_equal(opt_size, 2ul << 30);
	cmdline_parse("size=1T");
	assert_int_equal(opt_size, 1ul << 40);
}

static void test_text(void **state)
{
	cmdline_parse("text=1234567");
	assert_string_equal(opt_text, "1234567");
	cmdline_parse("text=12345678");
	assert_string_equal(opt_text, "1234567");
	cmdline_parse("text=");
	assert_string_equal(opt_text, "");
}

static void test_words(void **state)
{
	cmdline_parse("  fn=a=b,c\tnumber=3 \n size=1B  ");
	assert_string_equal(seen, "a=b,c");
	assert_int_equal(opt_number, 3);
	assert_int_equal(opt_size, 1);
	cmdline_parse("fn");
	assert_string_equal(seen, "");
	cmdline_parse("number=4 fn=bad number=5");
	assert_int_equal(opt_number, 5);
	/* Nonsense of every kind, and the last word still counts. */
	cmdline_parse("= =x no- no-= "
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1 "
		      "watchdog tbuf_size=10 number=6");
	assert_int_equal(opt_number, 6);
	cmdline_parse("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bool),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
