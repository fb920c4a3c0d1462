/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A console on a TCP port of the loopback interface, for root's processes. A client
 * gets the backlog and then what comes, and what he sends is typed. One who is
 * further behind than the backlog reaches has lost bytes, and is disconnected
 * rather than deceived.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xend/console_internal.h"

/* What was sent still arrives, unless something is left that we should have read. */
static void drop(struct client *client)
{
	struct client **at = &client->console->clients;
	char bytes[256];

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	shutdown(client->watch.fd, SHUT_WR);
	for (int i = 0; i < 16; i++)
		if (recv(client->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT) <= 0)
			break;
	watch_close(client->console->all, &client->watch);
	free(client);
}

/* Send what can be sent; false: the client has gone. */
static bool follow(struct client *client)
{
	struct console *con = client->console;
	const struct backlog *b = &con->backlog;
	const char *from;
	size_t bytes;
	ssize_t n = 1;

	if (client->position < backlog_start(b)) {
		drop(client);
		return false;
	}
	while (n > 0 && (bytes = backlog_peek(b, client->position, &from)) > 0) {
		n = send(client->watch.fd, from, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n > 0)
			client->position += n;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(client);
		return false;
	}
	watch_change(con->all, &client->watch,
		     console_input(con) | (client->position < b->end ? EPOLLOUT : 0));
	return true;
}

static void client_ready(struct watch *w, uint32_t events)
{
	struct client *client = container_of(w, struct client, watch);
	ssize_t n = 1;

	if (events & EPOLLIN)
		n = console_type_from(client->console, w->fd);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ||
	    (events & (EPOLLERR | EPOLLHUP) && !(events & EPOLLIN)))
		drop(client);
	else
		follow(client);
}

static void refuse(int fd, const char *why)
{
	send(fd, why, strlen(why), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static unsigned int count(const struct console *con)
{
	unsigned int n = 0;

	for (const struct client *c = con->clients; c; c = c->next)
		n++;
	return n;
}

static void add_client(struct console *con, int fd)
{
	struct client *client = calloc(1, sizeof(*client));
	int on = 1, bytes = CONSOLE_BACKLOG;

	if (!client) {
		refuse(fd, "xend: out of memory\r\n");
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	client->console = con;
	client->watch.fd = fd;
	client->watch.ready = client_ready;
	client->position = backlog_start(&con->backlog);
	if (watch_add(con->all, &client->watch, console_input(con))) {
		refuse(fd, "xend: out of descriptors\r\n");
		free(client);
		return;
	}
	client->next = con->clients;
	con->clients = client;
	follow(client);
}

static void listener_ready(struct watch *w, uint32_t events)
{
	struct console *con = container_of(w, struct console, listener);
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	long uid;

	(void)events;
	if (fd < 0)
		return;
	uid = console_peer_uid(fd);
	if (uid != 0 && uid != (long)geteuid())
		refuse(fd, "xend: only root may use a domain's console\r\n");
	else if (count(con) == CONSOLE_MAX_CLIENTS)
		refuse(fd, "xend: too many clients at this console\r\n");
	else
		add_client(con, fd);
}

int console_tcp_open(struct console *con, struct error *e)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(con->tcp_port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	con->listener.fd = fd;
	con->listener.ready = listener_ready;
	if (con->tcp_port == 0 || con->tcp_port > 65535)
		error_set(e, EINVAL, "console_port = %u: 1 to 65535 are allowed", con->tcp_port);
	else if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
		 bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 8) ||
		 watch_add(con->all, &con->listener, EPOLLIN))
		error_errno(e, "console port %u", con->tcp_port);
	else
		return 0;
	watch_close(con->all, &con->listener);
	return -1;
}

void console_tcp_close(struct console *con)
{
	while (con->clients)
		drop(con->clients);
	watch_close(con->all, &con->listener);
}

void console_tcp_follow(struct console *con)
{
	struct client *next;

	for (struct client *c = con->clients; c; c = next) {
		next = c->next;
		follow(c);
	}
}
