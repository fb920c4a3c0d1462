/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TCP does not tell who connects, but with both ends on one machine the kernel
 * knows: /proc/net/tcp lists each socket with its owner.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "xend/console_internal.h"

#define ESTABLISHED 1

long console_peer_uid(int fd)
{
	struct sockaddr_in us, them;
	socklen_t us_bytes = sizeof(us), them_bytes = sizeof(them);
	unsigned int local, local_port, remote, remote_port, state, uid;
	char line[256];
	long found = -1;
	FILE *f;

	if (getsockname(fd, (struct sockaddr *)&us, &us_bytes) ||
	    getpeername(fd, (struct sockaddr *)&them, &them_bytes) || us.sin_family != AF_INET ||
	    them.sin_family != AF_INET)
		return -1;
	f = fopen("/proc/net/tcp", "re");
	if (!f)
		return -1;
	while (found < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %*u: %x:%x %x:%x %x %*x:%*x %*x:%*x %*x %u", &local, &local_port,
			   &remote, &remote_port, &state, &uid) != 6)
			continue;
		/*
		 * Addresses are as they are in memory. A socket that was closed has
		 * no owner any more, and is shown as root's.
		 */
		if (local == them.sin_addr.s_addr && local_port == ntohs(them.sin_port) &&
		    remote == us.sin_addr.s_addr && remote_port == ntohs(us.sin_port) &&
		    state == ESTABLISHED)
			found = uid;
	}
	fclose(f);
	return found;
}
