/* SPDX-License-Identifier: MIT */
/*
 * Error numbers. A hypercall that fails returns the negative of one of these.
 * They are Linux's numbers on x86. The text says what a hypercall means by them.
 */
#ifndef __XEN_PUBLIC_ERRNO_H__
#define __XEN_PUBLIC_ERRNO_H__

#define XEN_EPERM		1	/* the caller may not do this */
#define XEN_ENOENT		2	/* the thing named does not exist */
#define XEN_ESRCH		3	/* no such domain, or no such pirq or VCPU */
#define XEN_EIO			5	/* hardware failed, or partly done */
#define XEN_ENXIO		6	/* no such device, node or function */
#define XEN_E2BIG		7	/* more than there is room for */
#define XEN_ENOEXEC		8	/* not a kernel image */
#define XEN_EBADF		9	/* not a valid handle */
#define XEN_ECHILD		10	/* no child */
#define XEN_EAGAIN		11	/* not now; the same call may work later */
#define XEN_EWOULDBLOCK		11	/* the same, spelt otherwise */
#define XEN_ENOMEM		12	/* no hypervisor or domain memory left */
#define XEN_EACCES		13	/* the object does not allow this */
#define XEN_EFAULT		14	/* operand at an address that cannot be used */
#define XEN_EBUSY		16	/* in use in a way that excludes this */
#define XEN_EEXIST		17	/* there already */
#define XEN_EXDEV		18	/* both must be on the same device or pool */
#define XEN_ENODEV		19	/* no such device */
#define XEN_ENOTDIR		20	/* a path leads through a non-directory */
#define XEN_EISDIR		21	/* is a directory */
#define XEN_EINVAL		22	/* an operand has no acceptable value */
#define XEN_ENFILE		23	/* table of the whole host is full */
#define XEN_EMFILE		24	/* table of the caller is full */
#define XEN_ENOSPC		28	/* no free slot, port or entry */
#define XEN_EROFS		30	/* cannot be changed */
#define XEN_EMLINK		31	/* too many references */
#define XEN_EDOM		33	/* operand outside of the function's domain */
#define XEN_ERANGE		34	/* result does not fit, or index too large */
#define XEN_EDEADLK		35	/* would wait for itself */
#define XEN_EDEADLOCK		35	/* the same, spelt otherwise */
#define XEN_ENAMETOOLONG	36	/* name too long */
#define XEN_ENOLCK		37	/* no locks left */
#define XEN_ENOSYS		38	/* no such hypercall or operation */
#define XEN_ENOTEMPTY		39	/* still has contents */
#define XEN_ENODATA		61	/* nothing there to return */
#define XEN_ETIME		62	/* the time has passed */
#define XEN_EBADMSG		74	/* malformed message */
#define XEN_EOVERFLOW		75	/* number too large for its field */
#define XEN_EILSEQ		84	/* calls in the wrong order */
#define XEN_ENOTSOCK		88	/* not a socket */
#define XEN_EMSGSIZE		90	/* message too long */
#define XEN_EOPNOTSUPP		95	/* known, but this host or build cannot */
#define XEN_EADDRINUSE		98	/* address in use */
#define XEN_EADDRNOTAVAIL	99	/* address not available */
#define XEN_ENOBUFS		105	/* buffer too small, or none left */
#define XEN_EISCONN		106	/* connected already */
#define XEN_ENOTCONN		107	/* not connected */
#define XEN_ETIMEDOUT		110	/* waited too long */
#define XEN_ECONNREFUSED	111	/* the other side refuses */

#endif /* __XEN_PUBLIC_ERRNO_H__ */
