/*
 * Formatting, and writing the result to the hypervisor's console. A line is
 * formatted completely before it is written with one hypercall, so lines of
 * several VCPUs do not mix.
 */
#include "print.h"
#include "hypercall.h"

struct out {
	char *buf;
	size_t size, used;
};

static void out_char(struct out *out, char c)
{
	if (out->used + 1 < out->size)
		out->buf[out->used] = c;
	out->used++;
}

static void out_field(struct out *out, const char *text, size_t len, size_t width, int left,
		      char pad)
{
	size_t i;

	for (i = len; !left && i < width; i++)
		out_char(out, pad);
	for (i = 0; i < len; i++)
		out_char(out, text[i]);
	for (i = len; left && i < width; i++)
		out_char(out, ' ');
}

static void out_number(struct out *out, unsigned long value, unsigned int base, int negative,
		       size_t width, int left, char pad)
{
	char text[24], *p = text + sizeof(text);

	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	if (negative)
		*--p = '-';
	out_field(out, p, text + sizeof(text) - p, width, left, pad);
}

int vformat(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct out out = { buf, size, 0 };

	for (; *fmt; fmt++) {
		size_t width = 0, len;
		int left = 0, is_long = 0;
		char pad = ' ';
		const char *s;
		char c;
		long v;

		if (*fmt != '%') {
			out_char(&out, *fmt);
			continue;
		}
		for (fmt++; *fmt == '0' || *fmt == '-'; fmt++) {
			if (*fmt == '-')
				left = 1;
			else
				pad = '0';
		}
		for (; *fmt >= '0' && *fmt <= '9'; fmt++)
			width = width * 10 + (*fmt - '0');
		for (; *fmt == 'l' || *fmt == 'z'; fmt++)
			is_long = 1;
		switch (*fmt) {
		case 'c':
			c = va_arg(ap, int);
			out_field(&out, &c, 1, width, left, ' ');
			break;
		case 's':
			s = va_arg(ap, const char *);
			for (len = 0; s[len]; len++)
				;
			out_field(&out, s, len, width, left, ' ');
			break;
		case 'd':
		case 'i':
			v = is_long ? va_arg(ap, long) : va_arg(ap, int);
			out_number(&out, v < 0 ? -v : v, 10, v < 0, width, left, pad);
			break;
		case 'u':
		case 'x':
			v = is_long ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int);
			out_number(&out, v, *fmt == 'u' ? 10 : 16, 0, width, left, pad);
			break;
		case 'p':
			out_number(&out, (unsigned long)va_arg(ap, void *), 16, 0, 16, 0, '0');
			break;
		default:
			out_char(&out, *fmt);
		}
	}
	if (size)
		buf[out.used < size ? out.used : size - 1] = 0;
	return out.used;
}

int format(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vformat(buf, size, fmt, ap);
	va_end(ap);
	return len;
}

void print(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	len = vformat(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (len >= sizeof(line))
		len = sizeof(line) - 1;
	hv_console_io(CONSOLEIO_write, len, line);
}
