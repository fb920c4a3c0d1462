// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of Xenolith's schedulers. Each is one number of a structure that is got,
 * changed and put. Another hypervisor's schedulers have none of these.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "json.h"
#include "log.h"

#include <xenolith/sched.h>

const char *scheduler_name(unsigned int id)
{
	switch (id) {
	case XEN_SCHEDULER_CREDIT:
		return "credit";
	case XEN_SCHEDULER_CREDIT2:
		return "credit2";
	case XEN_SCHEDULER_ARINC653:
		return "arinc653";
	case XEN_SCHEDULER_RTDS:
		return "rtds";
	case XEN_SCHEDULER_NULL:
		return "null";
	case XENOLITH_SCHEDULER_RROBIN:
		return "rrobin";
	case XENOLITH_SCHEDULER_BVT:
		return "bvt";
	default:
		return "unknown";
	}
}

/* A structure of xenolith/sched.h lies where Xen's are, in the union. */
static int domain_op(unsigned int domid, uint32_t cmd, struct xenolith_domctl_bvt *bvt,
		     struct error *e)
{
	struct xen_domctl_scheduler_op op = { .sched_id = XENOLITH_SCHEDULER_BVT, .cmd = cmd };

	_Static_assert(sizeof(*bvt) <= sizeof(op.u), "the structure fits the union");
	memcpy(&op.u, bvt, sizeof(*bvt));
	if (control_domain_scheduler(control, domid, &op, e))
		return -1;
	memcpy(bvt, &op.u, sizeof(*bvt));
	return 0;
}

/* Each of our schedulers has one number for the system. */
static int node_op(unsigned int scheduler, uint32_t cmd, uint32_t *us, struct error *e)
{
	struct xen_sysctl_scheduler_op op = { .sched_id = scheduler, .cmd = cmd };

	memcpy(&op.u, us, sizeof(*us));
	if (control_node_scheduler(control, &op, e))
		return -1;
	memcpy(us, &op.u, sizeof(*us));
	return 0;
}

static int no_parameters(unsigned int scheduler, const char *whose, struct error *e)
{
	return error_set(e, EOPNOTSUPP, "scheduler %s: no such parameters%s",
			 scheduler_name(scheduler), whose);
}

/*
 * Which one runs: ours answer by their own numbers. What XEN_SYSCTL_sched_id tells is
 * meant for Xen's tools, which know Xen's alone.
 */
int scheduler_find(unsigned int *scheduler, struct error *e)
{
	static const unsigned int ours[] = { XENOLITH_SCHEDULER_BVT, XENOLITH_SCHEDULER_RROBIN };
	struct error ignored;
	uint32_t us = 0;

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		*scheduler = ours[i];
		if (!node_op(ours[i], XEN_SYSCTL_SCHEDOP_getinfo, &us, &ignored))
			return 0;
	}
	return control_scheduler(control, scheduler, e);
}

static int get_domain_scheduler(unsigned int domid, struct xenolith_domctl_bvt *bvt,
				struct error *e)
{
	unsigned int scheduler;

	if (scheduler_find(&scheduler, e))
		return -1;
	if (scheduler != XENOLITH_SCHEDULER_BVT)
		return no_parameters(scheduler, " of a domain", e);
	return domain_op(domid, XEN_DOMCTL_SCHEDOP_getinfo, bvt, e);
}

static void reply_domain(struct request *r, const struct xenolith_domctl_bvt *bvt)
{
	reply_json(r, 200, json_pack("{s:s, s:i}", "scheduler", "bvt", "mcuadv", bvt->mcuadv));
}

void api_get_scheduler(struct request *r, char *const *part)
{
	static const char *const no_members[] = { NULL };
	struct xenolith_domctl_bvt bvt = { 0 };
	struct control_domain info;
	struct domain *d;
	struct error e;

	if (api_check(r, no_members) || api_domain(r, part, &d, &info))
		return;
	if (get_domain_scheduler(info.id, &bvt, &e))
		reply_error(r, &e);
	else
		reply_domain(r, &bvt);
}

void api_set_scheduler(struct request *r, char *const *part)
{
	static const char *const members[] = { "mcuadv", NULL };
	struct xenolith_domctl_bvt bvt = { 0 };
	struct control_domain info;
	json_int_t mcuadv = 0;
	struct domain *d;
	struct error e;

	if (api_check(r, members) || api_domain(r, part, &d, &info))
		return;
	if (get_domain_scheduler(info.id, &bvt, &e) ||
	    json_get_number(request_body(r), "", "mcuadv", true, XENOLITH_MCUADV_MIN,
			    XENOLITH_MCUADV_MAX, &mcuadv, &e)) {
		reply_error(r, &e);
		return;
	}
	bvt.mcuadv = mcuadv;
	if (domain_op(info.id, XEN_DOMCTL_SCHEDOP_putinfo, &bvt, &e)) {
		reply_error(r, &e);
		return;
	}
	log_info("%s: mcuadv %d", d ? domain_label(d) : part[1], bvt.mcuadv);
	reply_domain(r, &bvt);
}

/* *name is what the scheduler calls its parameter. */
static int get_node_scheduler(unsigned int *scheduler, const char **name, uint32_t *us,
			      struct error *e)
{
	if (scheduler_find(scheduler, e))
		return -1;
	if (*scheduler == XENOLITH_SCHEDULER_BVT)
		*name = "ctx_allow_us";
	else if (*scheduler == XENOLITH_SCHEDULER_RROBIN)
		*name = "slice_us";
	else
		return no_parameters(*scheduler, "", e);
	return node_op(*scheduler, XEN_SYSCTL_SCHEDOP_getinfo, us, e);
}

static void reply_node(struct request *r, unsigned int scheduler, const char *name, uint32_t us)
{
	reply_json(r, 200,
		   json_pack("{s:s, s:I}", "scheduler", scheduler_name(scheduler), name,
			     (json_int_t)us));
}

void api_get_node_scheduler(struct request *r, char *const *part)
{
	static const char *const no_members[] = { NULL };
	unsigned int scheduler;
	const char *name;
	uint32_t us = 0;
	struct error e;

	(void)part;
	if (api_check(r, no_members))
		return;
	if (get_node_scheduler(&scheduler, &name, &us, &e))
		reply_error(r, &e);
	else
		reply_node(r, scheduler, name, us);
}

void api_set_node_scheduler(struct request *r, char *const *part)
{
	static const char *const any[] = { "ctx_allow_us", "slice_us", NULL };
	const char *members[2] = { NULL, NULL };
	const json_t *body = request_body(r);
	unsigned int scheduler;
	json_int_t number = 0;
	uint32_t us = 0;
	struct error e;

	(void)part;
	if (api_check(r, any))
		return;
	if (get_node_scheduler(&scheduler, &members[0], &us, &e) ||
	    (body && json_check_members(body, "", members, &e)) ||
	    json_get_number(body, "", members[0], true, 0, XENOLITH_SLICE_US_MAX, &number, &e)) {
		reply_error(r, &e);
		return;
	}
	us = number;
	if (node_op(scheduler, XEN_SYSCTL_SCHEDOP_putinfo, &us, &e)) {
		reply_error(r, &e);
		return;
	}
	log_info("scheduler %s: %s %u", scheduler_name(scheduler), members[0], us);
	reply_node(r, scheduler, members[0], us);
}
