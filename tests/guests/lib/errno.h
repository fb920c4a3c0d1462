/*
 * The error numbers of the ABI. Calls return them negated. They are Linux's
 * numbers whatever the guest's own operating system uses.
 */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

enum {
	EPERM = 1,
	ENOENT = 2,
	ESRCH = 3,
	EINTR = 4,
	ENXIO = 6,
	E2BIG = 7,
	EBADF = 9,
	EAGAIN = 11,
	ENOMEM = 12,
	EACCES = 13,
	EFAULT = 14,
	EBUSY = 16,
	EEXIST = 17,
	EXDEV = 18,
	ENODEV = 19,
	EINVAL = 22,
	ENOSPC = 28,
	ERANGE = 34,
	ENOSYS = 38,
	ENOBUFS = 105,
	EOPNOTSUPP = 95,
	ETIME = 62,
};

#endif
