/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * printf into a buffer: format.h says which conversions. One pass over the
 * format; each conversion is read into a struct spec and then printed.
 */
#include "lib/format.h"

struct out {
	char *buf;
	size_t size, length; /* length: as if size were unlimited */
};

struct spec {
	bool left, zero, plus, space, alternate;
	int width;
	int precision; /* -1: none given */
	int size;      /* -2 hh, -1 h, 0 int, 1 long, 2 long long */
};

static void put(struct out *o, char c)
{
	if (o->length + 1 < o->size)
		o->buf[o->length] = c;
	o->length++;
}

static void put_repeated(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
	int n = 0;

	if (!text)
		text = "(null)";
	while ((s->precision < 0 || n < s->precision) && text[n])
		n++;
	if (!s->left)
		put_repeated(o, ' ', s->width - n);
	for (int i = 0; i < n; i++)
		put(o, text[i]);
	if (s->left)
		put_repeated(o, ' ', s->width - n);
}

/* sign is '-', '+', ' ' or 0. */
static void put_number(struct out *o, const struct spec *s, u64 value,
		       unsigned int base, bool capitals, char sign)
{
	const char *digit = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
	char digits[24];
	int n = 0, zeros, length;
	bool prefix = s->alternate && base == 16 && value != 0;

	/* Precision 0 prints a zero as nothing at all. */
	for (; value; value /= base)
		digits[n++] = digit[value % base];
	if (n == 0 && s->precision != 0)
		digits[n++] = '0';

	zeros = max(s->precision - n, 0);
	length = n + zeros + (sign ? 1 : 0) + (prefix ? 2 : 0);
	if (s->zero && !s->left && s->precision < 0 && s->width > length) {
		zeros += s->width - length;
		length = s->width;
	}
	if (!s->left)
		put_repeated(o, ' ', s->width - length);
	if (sign)
		put(o, sign);
	if (prefix) {
		put(o, '0');
		put(o, capitals ? 'X' : 'x');
	}
	put_repeated(o, '0', zeros);
	while (n)
		put(o, digits[--n]);
	if (s->left)
		put_repeated(o, ' ', s->width - length);
}

static u64 truncate(u64 value, int size, bool is_signed)
{
	switch (size) {
	case -2:
		return is_signed ? (u64)(s8)value : (u8)value;
	case -1:
		return is_signed ? (u64)(s16)value : (u16)value;
	case 0:
		return is_signed ? (u64)(s32)value : (u32)value;
	default:
		return value;
	}
}

static const char *read_number(const char *p, int *n)
{
	for (*n = 0; *p >= '0' && *p <= '9'; p++)
		*n = *n * 10 + (*p - '0');
	return p;
}

int format_va(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };

	for (const char *p = fmt; *p; p++) {
		struct spec s = { .precision = -1 };
		bool flags = true;
		u64 value;

		if (*p != '%') {
			put(&o, *p);
			continue;
		}
		p++;
		while (flags) {
			switch (*p) {
			case '-':
				s.left = true;
				break;
			case '0':
				s.zero = true;
				break;
			case '+':
				s.plus = true;
				break;
			case ' ':
				s.space = true;
				break;
			case '#':
				s.alternate = true;
				break;
			default:
				flags = false;
				continue;
			}
			p++;
		}
		if (*p == '*') {
			s.width = va_arg(args, int);
			if (s.width < 0) {
				s.left = true;
				s.width = -s.width;
			}
			p++;
		} else {
			p = read_number(p, &s.width);
		}
		if (*p == '.') {
			p++;
			if (*p == '*') {
				s.precision = va_arg(args, int);
				p++;
			} else {
				p = read_number(p, &s.precision);
			}
		}
		for (; *p == 'h'; p++)
			s.size--;
		for (; *p == 'l'; p++)
			s.size++;
		if (*p == 'z') {
			s.size = 1;
			p++;
		}

		switch (*p) {
		case 'd':
		case 'i':
			value = s.size > 0 ? (u64)va_arg(args, long) :
					     (u64)va_arg(args, int);
			value = truncate(value, s.size, true);
			if ((s64)value < 0)
				put_number(&o, &s, -value, 10, false, '-');
			else
				put_number(&o, &s, value, 10, false,
					   s.plus ? '+' : s.space ? ' ' : 0);
			break;
		case 'u':
		case 'x':
		case 'X':
			value = s.size > 0 ? va_arg(args, unsigned long) :
					     va_arg(args, unsigned int);
			put_number(&o, &s, truncate(value, s.size, false),
				   *p == 'u' ? 10 : 16, *p == 'X', 0);
			break;
		case 'p':
			s.zero = true;
			s.width = max(s.width, 16);
			put_number(&o, &s, (u64)va_arg(args, void *), 16, false,
				   0);
			break;
		case 'c': {
			char text[2] = { (char)va_arg(args, int), '\0' };

			s.precision = -1;
			put_string(&o, &s, text);
			break;
		}
		case 's':
			put_string(&o, &s, va_arg(args, const char *));
			break;
		case '%':
			put(&o, '%');
			break;
		default:
			/* Not ours: show it as it stands, and end. */
			put(&o, '%');
			if (!*p)
				goto out;
			put(&o, *p);
			break;
		}
	}
out:
	if (size)
		buf[min(o.length, size - 1)] = '\0';
	return (int)o.length;
}

int format(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = format_va(buf, size, fmt, args);
	va_end(args);
	return n;
}
