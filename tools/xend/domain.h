/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The domains that xend made. Whether one runs, is paused or has crashed is the
 * hypervisor's to know; kept here is what xend has to do about it. All of it is
 * for the main thread.
 */
#ifndef XEND_DOMAIN_H
#define XEND_DOMAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "console.h"
#include "config.h"
#include "lib/control.h"
#include "lib/error.h"
#include "mainloop.h"

/* The hypervisor and the consoles, opened by main.c before all else. */
extern struct control *control;
extern struct consoles *consoles;

/* The end of something: @e is NULL when it went well. */
typedef void done_fn(void *context, const struct error *e);

struct waiter {
	struct waiter *next;
	done_fn *done;
	void *context;
};

enum domain_state {
	DOMAIN_CREATING,   /* create.c is at it */
	DOMAIN_RUNNING,	   /* complete, and left alone until it ends */
	DOMAIN_DESTROYING, /* destroy.c is at it */
	DOMAIN_DELAYED,	   /* has ended; there to be created again */
};

struct device;

struct domain {
	struct domain *next;
	struct config *config;
	enum domain_state state;
	int domid; /* -1: the hypervisor does not have it (yet, any more) */
	time_t started;
	bool preserved;		 /* it has ended, and is kept to be looked at */
	bool suspended;		 /* it was told of */
	bool renamed;		 /* ... under another name, and its devices are another's */
	bool moving;		 /* its devices are being taken from it */
	bool restart;		 /* when destroyed: create it again */
	unsigned int quick_ends; /* restarts in a row after too short a life */
	struct device *devices;	 /* device_count of them, disks first */
	size_t device_count;
	struct waiter *waiters; /* for its end, or for that of its creation */
	struct timer timer;
	struct create *create;	 /* while DOMAIN_CREATING */
	struct destroy *destroy; /* while DOMAIN_DESTROYING */
};

/* All of them, in no order. */
extern struct domain *domains;

/* A domain out of @config, which is its from now on; in the list, of no id. */
struct domain *domain_new(struct config *config);
/* Out of the list, and freed. The caller has removed its record. */
void domain_free(struct domain *d);

struct domain *domain_by_id(int domid);
struct domain *domain_by_name(const char *name);
struct domain *domain_by_uuid(const char *uuid);

/*
 * Whose is what the hypervisor lists? By UUID, for the builder may be making it; but one
 * that was destroyed and is still mapped has the UUID of its successor. NULL: another's.
 */
struct domain *domain_of(const struct control_domain *info);

void domain_add_waiter(struct domain *d, done_fn *done, void *context);
/* Call all, once. */
void domain_wake(struct domain *d, const struct error *e);

/*
 * Who a request means by "name or id": one of xend's (*d, and *domid unless it is
 * -1), or another's (*d NULL). -1, ESRCH: nobody.
 */
int domain_find(const char *name, struct domain **d, int *domid, struct error *e);

/* Is the name free for a new domain, among all of the host's? */
int domain_check_name(const char *name, struct error *e);

/* The name xenstore has for a domain, "(unnamed)" for none; free() it. */
char *domain_store_name(unsigned int domid);

/* One line for messages, "u1 (3)"; one of two static buffers. */
const char *domain_label(const struct domain *d);

/*
 * create.c: build a domain and all that belongs to it, or nothing. @done is called
 * once, also at once. @restart: it is one that has lived before (DOMAIN_DELAYED).
 */
void domain_create(struct domain *d, bool paused, done_fn *done, void *context);
/* What of the host a configuration needs is there: files, CPUs, bridges. */
int create_check(const struct config *config, struct error *e);

/*
 * destroy.c: take a domain away with all that belongs to it, then create it again if
 * d->restart says so. Waiters are called when it is gone. In any state but
 * DOMAIN_CREATING, or by create.c; the domain is freed unless it restarts.
 */
void domain_destroy(struct domain *d);
/* The same after a failed creation; waiters get @why. */
void domain_undo(struct domain *d, const struct error *why);

/* life.c: watch what domains do by themselves. */
int life_start(struct error *e);
void life_check(void);
/* It has ended and shall live again: soon, or later if it never lives long. */
void life_restart(struct domain *d);
/* Such a restart was interrupted. */
void life_continue(struct domain *d);
/* Take the devices from a domain that has ended. */
void life_move_devices(struct domain *d);

/* recover.c: take up what an earlier xend left. */
int recover(struct error *e);

/* record.c: what survives xend. -1: the record could not be written. */
int record_save(const struct domain *d, struct error *e);
void record_remove(const struct domain *d);
/* Call @fn with each record that can be read: a domain in the list. */
int record_load(struct error *e);

/* vmstore.c: a domain's own entries in xenstore. */
struct build_result;
int domain_store_write(const struct domain *d, const struct build_result *built,
		       const struct console_info *console, struct error *e);
/* All of it, when /local/domain/<domid> is this domain's. */
void domain_store_remove(const struct domain *d);
/* Is /local/domain/<domid> this domain's? */
bool domain_store_is(const struct domain *d);
int domain_store_rename(const struct domain *d, struct error *e);

#endif
