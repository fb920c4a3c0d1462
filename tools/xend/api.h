/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The resources of the HTTP interface, docs/xend-http.md. A handler gets the request
 * and the path's parts, part[0] being "domains" or "node"; it answers, or sees that it
 * is answered later.
 */
#ifndef XEND_API_H
#define XEND_API_H

#include "domain.h"
#include "http.h"

#define API_VERSION 1
#define PARTS 5

/* Find the handler. */
void api_handle(struct request *r);

typedef void api_fn(struct request *r, char *const *part);

/* api_domain.c */
api_fn api_list, api_create, api_get, api_destroy, api_pause, api_unpause, api_shutdown;
/* api_vcpu.c */
api_fn api_vcpus, api_affinity;
/* api_memory.c */
api_fn api_memory, api_maxmem;
/* api_sched.c */
api_fn api_get_scheduler, api_set_scheduler, api_get_node_scheduler, api_set_node_scheduler;
int scheduler_find(unsigned int *scheduler, struct error *e);
const char *scheduler_name(unsigned int id);
/* api_node.c */
api_fn api_root, api_node, api_dmesg;

/*
 * The domain that part[1] names, which must be there in the hypervisor. Otherwise the
 * request is answered, and -1 returned.
 */
int api_domain(struct request *r, char *const *part, struct domain **d,
	       struct control_domain *info);

/*
 * The body's members are among @names (NULL ends them), and @query is empty. Otherwise
 * the request is answered, and -1 returned. No body counts as an empty object.
 */
int api_check(struct request *r, const char *const *names);

#endif
