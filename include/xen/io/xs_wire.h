/* SPDX-License-Identifier: MIT */
/*
 * The messages of xenstore, on its socket and on the ring that it shares with a
 * domain. A message is a header and then len bytes. An answer has the type,
 * req_id and tx_id of its request, or type XS_ERROR and the name of an error. A
 * watch that fires comes as XS_WATCH_EVENT, between answers, unasked.
 */
#ifndef _XS_WIRE_H
#define _XS_WIRE_H

#include <stdint.h>

/*
 * What follows the header in a request | in its answer. Strings end with a NUL;
 * "rest" has no NUL. An answer without anything to say is "OK".
 */
enum xsd_sockmsg_type {
	XS_CONTROL = 0,		/* command, arguments | output */
#define XS_DEBUG	XS_CONTROL
	XS_DIRECTORY = 1,	/* path | names of children */
	XS_READ = 2,		/* path | rest: value */
	XS_GET_PERMS = 3,	/* path | permissions, as "r3" */
	XS_WATCH = 4,		/* path, token | OK */
	XS_UNWATCH = 5,		/* path, token | OK */
	XS_TRANSACTION_START = 6,	/* empty string | number */
	XS_TRANSACTION_END = 7,	/* "T" commit, "F" drop | OK, or error EAGAIN */
	XS_INTRODUCE = 8,	/* domain, machine frame, port | OK */
	XS_RELEASE = 9,		/* domain | OK */
	XS_GET_DOMAIN_PATH = 10,	/* domain | path */
	XS_WRITE = 11,		/* path, rest: value | OK */
	XS_MKDIR = 12,		/* path | OK */
	XS_RM = 13,		/* path | OK */
	XS_SET_PERMS = 14,	/* path, permissions | OK */
	XS_WATCH_EVENT = 15,	/* path, token (from the daemon) */
	XS_ERROR = 16,		/* name of an error (from the daemon) */
	XS_IS_DOMAIN_INTRODUCED = 17,	/* domain | "T" or "F" */
	XS_RESUME = 18,		/* domain | OK */
	XS_SET_TARGET = 19,	/* domain, target domain | OK */
	XS_RESET_WATCHES = 21,	/* empty string | OK */
	XS_DIRECTORY_PART = 22,	/* path, offset | generation, names of children */
	XS_TYPE_COUNT,
	XS_INVALID = 0xffff,	/* never valid */
};

/* Old ways to write. */
#define XS_WRITE_NONE		"NONE"
#define XS_WRITE_CREATE		"CREATE"
#define XS_WRITE_CREATE_EXCL	"CREATE|EXCL"

/* Errors go by name. The table is there for who included <errno.h> before. */
struct xsd_errors {
	int errnum;
	const char *errstring;
};

#ifdef EINVAL
#define XSD_ERROR(x)	{ x, #x }
static const struct xsd_errors xsd_errors[] __attribute__((unused)) = {
	XSD_ERROR(EINVAL), XSD_ERROR(EACCES), XSD_ERROR(EEXIST), XSD_ERROR(EISDIR),
	XSD_ERROR(ENOENT), XSD_ERROR(ENOMEM), XSD_ERROR(ENOSPC), XSD_ERROR(EIO),
	XSD_ERROR(ENOTEMPTY), XSD_ERROR(ENOSYS), XSD_ERROR(EROFS), XSD_ERROR(EBUSY),
	XSD_ERROR(EAGAIN), XSD_ERROR(EISCONN), XSD_ERROR(E2BIG), XSD_ERROR(EPERM),
};
#endif

struct xsd_sockmsg {
	uint32_t type;		/* enum xsd_sockmsg_type */
	uint32_t req_id;	/* client's own choice */
	uint32_t tx_id;		/* transaction; 0: none */
	uint32_t len;		/* bytes that follow */
};

/* The order of the strings of a watch event. */
enum xs_watch_type {
	XS_WATCH_PATH = 0,
	XS_WATCH_TOKEN = 1,
};

#define XENSTORE_RING_SIZE	1024

typedef uint32_t XENSTORE_RING_IDX;

#define MASK_XENSTORE_IDX(idx)	((idx) & (XENSTORE_RING_SIZE - 1))

/* The page. Indices count bytes and wrap at 2^32. */
struct xenstore_domain_interface {
	char req[XENSTORE_RING_SIZE];	/* guest */
	char rsp[XENSTORE_RING_SIZE];	/* daemon */
	XENSTORE_RING_IDX req_cons;	/* daemon: bytes of req taken */
	XENSTORE_RING_IDX req_prod;	/* guest: bytes of req put */
	XENSTORE_RING_IDX rsp_cons;	/* guest: bytes of rsp taken */
	XENSTORE_RING_IDX rsp_prod;	/* daemon: bytes of rsp put */
	uint32_t server_features;	/* daemon: XENSTORE_SERVER_FEATURE_* */
	uint32_t connection;		/* both: XENSTORE_CONNECTED, _RECONNECT */
	uint32_t error;			/* daemon: XENSTORE_ERROR_* */
};

/* More than this in a message ends the connection. */
#define XENSTORE_PAYLOAD_MAX	4096

/* More than this is refused with EINVAL. */
#define XENSTORE_ABS_PATH_MAX	3072
#define XENSTORE_REL_PATH_MAX	2048

#define XENSTORE_SERVER_FEATURE_RECONNECTION	1	/* connection is used */
#define XENSTORE_SERVER_FEATURE_ERROR		2	/* error is used */

/*
 * To begin anew, a guest writes XENSTORE_RECONNECT and sends an event. The
 * daemon empties both rings and writes XENSTORE_CONNECTED.
 */
#define XENSTORE_CONNECTED	0
#define XENSTORE_RECONNECT	1

/* Why the daemon has stopped serving the ring. */
#define XENSTORE_ERROR_NONE	0
#define XENSTORE_ERROR_COMM	1	/* it cannot reach the ring */
#define XENSTORE_ERROR_RINGIDX	2	/* the guest's indices cannot be */
#define XENSTORE_ERROR_PROTO	3	/* a message is too long */

#endif /* _XS_WIRE_H */
