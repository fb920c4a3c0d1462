/*
 * The guest that `make run` boots: it says what it was given, and passes. Told
 * to "stay", it first repeats what is typed to it until that is q, asleep
 * between the keys.
 */
#include "test.h"
#include <xen/sched.h>
#include <xen/version.h>
#include "clock.h"
#include "event.h"

/* The next key. VIRQ_CONSOLE stays masked: it only has to end the poll. */
static char read_key(evtchn_port_t port)
{
	struct sched_poll poll = { .nr_ports = 1 };
	char key;

	set_xen_guest_handle(poll.ports, &port);
	for (;;) {
		event_clear(port);
		if (hv_console_io(CONSOLEIO_read, 1, &key) == 1)
			return key;
		REQUIRE(!hv_sched_op(SCHEDOP_poll, &poll));
	}
}

static void repeat_keys(void)
{
	long port = event_bind_virq(VIRQ_CONSOLE, 0);
	char key;

	REQUIRE(port > 0);
	event_mask(port);
	print("Type, and it comes back; q ends.\ndemo: ready\n");
	do {
		key = read_key(port);
		print("demo: typed %c\n", key);
	} while (key != 'q');
}

int test_main(struct start_info *si)
{
	unsigned long version = hv_xen_version(XENVER_version, 0);

	CHECK(si->nr_pages > 0);
	CHECK(si->flags & SIF_INITDOMAIN);
	CHECK(clock_now() > 0);
	print("\nHello from the first guest, domain 0 of %s.\n", si->magic);
	print("  interface   %lu.%lu\n", version >> 16, version & 0xffff);
	print("  memory      %lu MiB, in %lu frames\n", si->nr_pages >> 8, si->nr_pages);
	print("  up since    %lu ms\n", clock_now() / MILLISECOND);
	print("  told        \"%s\"\n", si->cmd_line);
	if (contains((char *)si->cmd_line, "stay"))
		repeat_keys();
	return 0;
}
