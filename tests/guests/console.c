/*
 * console_io: text to the hypervisor's console. It is how every guest reports,
 * so first that it works at all, then lengths, then what is refused.
 */
#include "test.h"
#include "mm.h"

static char text[3 * PAGE_SIZE] page_aligned;

int test_main(struct start_info *si)
{
	char buf[16];
	size_t i;

	(void)si;
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 6, "write\n"), 0);
	/* Nothing to write is fine, wherever nothing is. */
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 0, "x"), 0);
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 0, 0), 0);
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 11, "zero \0byte\n"), 0);

	/* Longer than any buffer, and across pages. */
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 64 == 63 ? '\n' : 'a' + i / 64 % 26;
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 2048, text + PAGE_SIZE - 1024), 0);

	/* Control characters and bytes that are no ASCII must not harm. */
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 8, "\x01\x7f\x80\xff\t\r\b\n"), 0);

	/* Bad pointers: unmapped, the hypervisor's, not canonical. */
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 4, 0x1000), -EFAULT);
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 4, HYPERVISOR_VIRT_START + (4UL << 40)), -EFAULT);
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 4, 0x800000000000), -EFAULT);
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 4, -4096L), -EFAULT);
	/* A good page followed by none. */
	CHECK_EQ(hv_update_va_mapping(text + 2 * PAGE_SIZE, 0, UVMF_INVLPG), 0);
	CHECK_EQ(hv_console_io(CONSOLEIO_write, 128, text + 2 * PAGE_SIZE - 64), -EFAULT);

	/* Reading: nobody types, so there is nothing. */
	CHECK_EQ(hv_console_io(CONSOLEIO_read, sizeof(buf), buf), 0);
	CHECK_EQ(hv_console_io(CONSOLEIO_read, 0, buf), 0);
	/* No length is too long as such: it goes on to the first bad page. */
	CHECK_EQ(hv_console_io(CONSOLEIO_write, -1, text + 2 * PAGE_SIZE - 128), -EFAULT);
	CHECK_EQ(hv_console_io(2, 0, 0), -ENOSYS);
	CHECK_EQ(hv_console_io(-1, 0, 0), -ENOSYS);
	return 0;
}
