// SPDX-License-Identifier: GPL-2.0
/* Is this the place for xend? Each thing that is missing is told by its name. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenstore.h>

#include "host.h"

/*
 * Without xenstored, libxenstore would turn to the kernel's own way to xenstore, and wait
 * for ever.
 */
static int check_xenstored(struct error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = xs_daemon_socket();
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		return error_errno(e, "socket");
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	rc = connect(fd, (struct sockaddr *)&address, sizeof(address));
	if (rc)
		error_set(e, errno, "xenstored does not run: %s: %s", path, strerror(errno));
	close(fd);
	return rc;
}

int host_check(struct error *e)
{
	if (geteuid())
		return error_set(e, EPERM, "only root may run it");
	if (access("/dev/xen", F_OK) && access("/proc/xen", F_OK))
		return error_set(e, ENODEV,
				 "this is no domain of a Xen hypervisor: there is "
				 "neither /dev/xen nor /proc/xen");
	if (access("/dev/xen/privcmd", F_OK) && access("/proc/xen/privcmd", F_OK))
		return error_set(e, ENODEV,
				 "there is no /dev/xen/privcmd: is the module "
				 "xen-privcmd loaded, and is this domain 0?");
	return check_xenstored(e);
}
