/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serial ports with a 16550 or what passes for one (National Semiconductor
 * PC16550D data sheet). No interrupts: console.c polls from a timer. So the
 * ports work from the first message to the last, in whatever state the machine
 * is, and whatever `noapic` or dom0 do to interrupt routing.
 *
 * Output is sent at once while the machine boots and when it crashes. Otherwise
 * it goes into a ring that serial_poll() empties into the transmit FIFO, and
 * nobody waits for the line, unless the ring is full.
 */
#include <xen/errno.h>

#include "boot/cmdline.h"
#include "console/serial.h"
#include "cpu/asm.h"
#include "cpu/ioport.h"
#include "lib/string.h"
#include "machine.h"

/* Registers, from the base port. With LCR_DLAB set the first two are DLL, DLM. */
#define RBR 0 /* receive buffer, on reading */
#define THR 0 /* transmit, on writing */
#define IER 1
#define FCR 2 /* FIFO control, on writing */
#define IIR 2 /* interrupt identification, on reading */
#define LCR 3
#define MCR 4
#define LSR 5
#define SCR 7 /* scratch */
#define DLL 0
#define DLM 1

#define FCR_ENABLE 0x01
#define FCR_CLEAR 0x06	     /* both FIFOs */
#define FCR_TRIGGER_14 0xc0
#define IIR_FIFO 0xc0	     /* both set: FIFOs on */
#define LCR_STOP_2 0x04
#define LCR_PARITY_SHIFT 3
#define LCR_DLAB 0x80
#define MCR_DTR 0x01
#define MCR_RTS 0x02
#define MCR_OUT2 0x08
#define LSR_DATA 0x01
#define LSR_THRE 0x20	     /* transmit FIFO empty */

#define FIFO_SIZE 16

/* 1.8432 MHz is what a PC feeds its UARTs; a bit takes 16 cycles of it or more. */
#define DEFAULT_CLOCK 1843200

#define RING_SIZE 16384 /* a power of two */

/* Steps of waiting for the line; each reads a port and so takes about 1 us. */
#define PATIENCE 200000

/* What com1= or com2= asks for. baud 0: leave all as firmware set it. */
struct settings {
	u32 baud, clock;
	u8 lcr;
	u16 base;
};

struct serial {
	struct settings set;
	bool open;
	bool stuck;   /* the last wait for the line was in vain */
	u8 fifo_size; /* characters that an empty transmitter takes */
	u8 room;      /* that are certain to fit now */
	/* Transmit ring: bytes produced and consumed so far. */
	u32 produced, consumed;
	char ring[RING_SIZE];
};

static struct serial serial[SERIAL_PORTS] = {
	{ .set = { .clock = DEFAULT_CLOCK, .lcr = 0x03, .base = 0x3f8 } },
	{ .set = { .clock = DEFAULT_CLOCK, .lcr = 0x03, .base = 0x2f8 } },
};

/* "8n1": data bits, parity, stop bits. The bits of LCR, or -EINVAL. */
static int parse_frame(const char *s)
{
	static const char parity[] = "no.e.m.s"; /* by LCR bits 5:3 */
	const char *p;
	int lcr;

	if (s[0] < '5' || s[0] > '8' || s[1] == '.' || !s[1])
		return -XEN_EINVAL;
	lcr = s[0] - '5';
	p = strchr(parity, s[1]);
	if (!p || (s[2] != '1' && s[2] != '2') || s[3])
		return -XEN_EINVAL;
	/* none 0, odd 1, even 3, mark 5, space 7 */
	lcr |= (p - parity) << LCR_PARITY_SHIFT;
	if (s[2] == '2')
		lcr |= LCR_STOP_2;
	return lcr;
}

/* Cut the next comma-separated field off *s; "" when there are no more. */
static void next_field(const char **s, char *field, size_t size)
{
	size_t n = 0;

	while (**s && **s != ',') {
		if (n + 1 < size)
			field[n++] = **s;
		(*s)++;
	}
	field[n] = '\0';
	if (**s == ',')
		(*s)++;
}

/* <baud>[/<clock>][,<frame>[,<port>[,<irq>]]]; a field may be empty. */
static int parse_com(struct settings *set, const char *value)
{
	struct settings new = *set;
	char field[32];
	const char *p = field;
	u64 n;
	int lcr;

	next_field(&value, field, sizeof(field));
	if (strcmp(field, "auto") == 0) {
		new.baud = 0;
	} else if (*field) {
		if (!parse_number(&p, &n) || n == 0 || n > 4000000)
			return -XEN_EINVAL;
		new.baud = n;
		if (*p == '/') {
			p++;
			if (!parse_number(&p, &n) || n < 16 || n > 1u << 30)
				return -XEN_EINVAL;
			new.clock = n;
		}
		if (*p)
			return -XEN_EINVAL;
	}

	next_field(&value, field, sizeof(field));
	if (*field) {
		lcr = parse_frame(field);
		if (lcr < 0)
			return lcr;
		new.lcr = lcr;
	}

	next_field(&value, field, sizeof(field));
	p = field;
	if (*field) {
		if (!parse_number(&p, &n) || *p || n == 0 || n > 0xfff8)
			return -XEN_EINVAL;
		new.base = n;
	}

	/* The interrupt is checked and not used: we poll. */
	next_field(&value, field, sizeof(field));
	p = field;
	if (*field && (!parse_number(&p, &n) || *p || n > 255))
		return -XEN_EINVAL;
	if (*value)
		return -XEN_EINVAL;

	*set = new;
	return 0;
}

static int parse_com1(const char *value)
{
	return parse_com(&serial[0].set, value);
}
PARAM_FN("com1", parse_com1);

static int parse_com2(const char *value)
{
	return parse_com(&serial[1].set, value);
}
PARAM_FN("com2", parse_com2);

static u8 reg_read(const struct serial *s, unsigned int reg)
{
	return inb(s->set.base + reg);
}

static void reg_write(const struct serial *s, unsigned int reg, u8 value)
{
	outb(s->set.base + reg, value);
}

/* A UART remembers what is written to its scratch register. */
static bool uart_present(const struct serial *s)
{
	reg_write(s, SCR, 0x5a);
	if (reg_read(s, SCR) != 0x5a)
		return false;
	reg_write(s, SCR, 0xa5);
	return reg_read(s, SCR) == 0xa5 && reg_read(s, LSR) != 0xff;
}

static void set_divisor(const struct serial *s, u32 divisor)
{
	reg_write(s, LCR, s->set.lcr | LCR_DLAB);
	reg_write(s, DLL, divisor);
	reg_write(s, DLM, divisor >> 8);
	reg_write(s, LCR, s->set.lcr);
}

bool serial_open(unsigned int port)
{
	struct serial *s = &serial[port];
	u32 divisor;

	if (!uart_present(s))
		return false;

	reg_write(s, IER, 0);
	if (s->set.baud != 0) {
		divisor = (s->set.clock / 16 + s->set.baud / 2) / s->set.baud;
		set_divisor(s, min(max(divisor, 1u), 0xffffu));
	} else {
		/* Left as it is, unless nobody ever set it up. */
		s->set.lcr = reg_read(s, LCR) & ~LCR_DLAB;
		reg_write(s, LCR, s->set.lcr | LCR_DLAB);
		divisor = reg_read(s, DLL) | reg_read(s, DLM) << 8;
		reg_write(s, LCR, s->set.lcr);
		if (divisor == 0) {
			s->set.lcr = 0x03;
			divisor = 1;
			set_divisor(s, divisor);
		}
		/* For another time. */
		s->set.baud = s->set.clock / 16 / divisor;
	}
	reg_write(s, FCR, FCR_ENABLE | FCR_CLEAR | FCR_TRIGGER_14);
	s->room = 0;
	s->fifo_size = (reg_read(s, IIR) & IIR_FIFO) == IIR_FIFO ? FIFO_SIZE : 1;
	reg_write(s, MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
	s->open = true;
	ioport_deny(s->set.base, s->set.base + 7);
	return true;
}

/* Whether the transmitter takes a character now; count it. */
static bool may_transmit(struct serial *s)
{
	if (s->room == 0) {
		if (!(reg_read(s, LSR) & LSR_THRE))
			return false;
		s->room = s->fifo_size;
	}
	s->room--;
	return true;
}

/*
 * Wait for that, but not for ever: a line held up by flow control must not hold
 * up the machine. Once it was in vain only one look each is spent on the port,
 * until it moves again.
 */
static bool wait_to_transmit(struct serial *s)
{
	unsigned int steps = s->stuck ? 1 : PATIENCE;

	while (!may_transmit(s)) {
		if (--steps == 0) {
			s->stuck = true;
			return false;
		}
		cpu_relax();
	}
	s->stuck = false;
	return true;
}

bool serial_poll(unsigned int port)
{
	struct serial *s = &serial[port];

	while (s->consumed != s->produced && may_transmit(s)) {
		reg_write(s, THR, s->ring[s->consumed % RING_SIZE]);
		s->consumed++;
	}
	return s->consumed != s->produced;
}

/* One character out of a full ring, or all of it when it must not wait. */
static void make_room(struct serial *s, bool all)
{
	while (s->consumed != s->produced) {
		/* A character that cannot be sent is lost. */
		if (wait_to_transmit(s))
			reg_write(s, THR, s->ring[s->consumed % RING_SIZE]);
		s->consumed++;
		if (!all)
			break;
	}
}

static void put(struct serial *s, char c, bool deferred)
{
	if (!deferred) {
		if (wait_to_transmit(s))
			reg_write(s, THR, c);
		return;
	}
	if (s->produced - s->consumed == RING_SIZE)
		make_room(s, false);
	s->ring[s->produced++ % RING_SIZE] = c;
}

void serial_write(unsigned int port, const char *text, size_t n, bool deferred)
{
	struct serial *s = &serial[port];

	if (!s->open)
		return;
	if (!deferred)
		make_room(s, true);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n')
			put(s, '\r', deferred);
		put(s, text[i], deferred);
	}
	if (deferred)
		serial_poll(port);
}

int serial_receive(unsigned int port)
{
	struct serial *s = &serial[port];

	if (!s->open || !(reg_read(s, LSR) & LSR_DATA))
		return -1;
	return reg_read(s, RBR);
}
