// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of Xenolith's schedulers. Each is a number of a structure that is got, changed
 * and put. Another hypervisor's schedulers have none of these.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
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
	case XENOLITH_SCHEDULER_ATROPOS:
		return "atropos";
	default:
		return "unknown";
	}
}

/* A domain's parameters: numbers of a structure of xenolith/sched.h, which is got, changed, put. */
union parameters {
	struct xenolith_domctl_bvt bvt;
	struct xenolith_domctl_atropos atropos;
};

struct parameter {
	const char *name;
	size_t offset, size;
	json_int_t min, max;
};

#define PARAMETER(of, member, min, max)                                         \
	{                                                                       \
#member, offsetof(union parameters, of.member),                 \
			sizeof(((union parameters *)NULL)->of.member), min, max \
	}

static const struct parameter bvt_parameters[] = {
	PARAMETER(bvt, mcuadv, XENOLITH_MCUADV_MIN, XENOLITH_MCUADV_MAX),
	{ 0 },
};

static const struct parameter atropos_parameters[] = {
	PARAMETER(atropos, period_us, XENOLITH_PERIOD_US_MIN, XENOLITH_PERIOD_US_MAX),
	PARAMETER(atropos, slice_us, 0, XENOLITH_PERIOD_US_MAX),
	PARAMETER(atropos, latency_us, 0, XENOLITH_PERIOD_US_MAX),
	PARAMETER(atropos, xtratime, 0, 1),
	{ 0 },
};

static const struct parameter *parameters_of(unsigned int scheduler)
{
	switch (scheduler) {
	case XENOLITH_SCHEDULER_BVT:
		return bvt_parameters;
	case XENOLITH_SCHEDULER_ATROPOS:
		return atropos_parameters;
	default:
		return NULL;
	}
}

/* The structure lies where Xen's are, in the union. */
static int domain_op(unsigned int scheduler, unsigned int domid, uint32_t cmd,
		     union parameters *values, struct error *e)
{
	struct xen_domctl_scheduler_op op = { .sched_id = scheduler, .cmd = cmd };

	_Static_assert(sizeof(*values) <= sizeof(op.u), "the structures fit the union");
	memcpy(&op.u, values, sizeof(*values));
	if (control_domain_scheduler(control, domid, &op, e))
		return -1;
	memcpy(values, &op.u, sizeof(*values));
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
	static const unsigned int ours[] = { XENOLITH_SCHEDULER_BVT, XENOLITH_SCHEDULER_ATROPOS,
					     XENOLITH_SCHEDULER_RROBIN };
	struct error ignored;
	uint32_t us = 0;

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		*scheduler = ours[i];
		if (!node_op(ours[i], XEN_SYSCTL_SCHEDOP_getinfo, &us, &ignored))
			return 0;
	}
	return control_scheduler(control, scheduler, e);
}

static int get_domain_scheduler(unsigned int domid, unsigned int *scheduler,
				union parameters *values, struct error *e)
{
	if (scheduler_find(scheduler, e))
		return -1;
	if (!parameters_of(*scheduler))
		return no_parameters(*scheduler, " of a domain", e);
	return domain_op(*scheduler, domid, XEN_DOMCTL_SCHEDOP_getinfo, values, e);
}

static json_int_t get_value(const union parameters *values, const struct parameter *p)
{
	uint32_t value = 0;

	memcpy(&value, (const char *)values + p->offset, p->size);
	return value;
}

static void reply_domain(struct request *r, unsigned int scheduler, const union parameters *values)
{
	json_t *json = json_pack("{s:s}", "scheduler", scheduler_name(scheduler));

	for (const struct parameter *p = parameters_of(scheduler); p->name; p++)
		json_object_set_new(json, p->name, json_integer(get_value(values, p)));
	reply_json(r, 200, json);
}

void api_get_scheduler(struct request *r, char *const *part)
{
	static const char *const no_members[] = { NULL };
	union parameters values = { 0 };
	struct control_domain info;
	unsigned int scheduler;
	struct domain *d;
	struct error e;

	if (api_check(r, no_members) || api_domain(r, part, &d, &info))
		return;
	if (get_domain_scheduler(info.id, &scheduler, &values, &e))
		reply_error(r, &e);
	else
		reply_domain(r, scheduler, &values);
}

/* What the body says, into values; all of it is optional but for a scheduler's only one. */
static int change(const json_t *body, unsigned int scheduler, union parameters *values,
		  struct error *e)
{
	const struct parameter *all = parameters_of(scheduler);
	const char *names[5] = { NULL };

	for (size_t i = 0; all[i].name; i++)
		names[i] = all[i].name;
	if (body && json_check_members(body, "", names, e))
		return -1;
	for (const struct parameter *p = all; p->name; p++) {
		json_int_t number = get_value(values, p);
		uint32_t value;

		if (json_get_number(body, "", p->name, !all[1].name, p->min, p->max, &number, e))
			return -1;
		value = number;
		memcpy((char *)values + p->offset, &value, p->size);
	}
	return 0;
}

/* What the hypervisor would refuse without saying which it is. */
static int check_atropos(const struct xenolith_domctl_atropos *a, struct error *e)
{
	if (a->slice_us && a->slice_us < XENOLITH_SLICE_US_MIN)
		return error_set(e, EINVAL,
				 "slice_us: %u is not allowed; allowed are 0, and %d to the period",
				 a->slice_us, XENOLITH_SLICE_US_MIN);
	if (a->slice_us > a->period_us)
		return error_set(e, EINVAL, "slice_us: %u is more than the period, %u", a->slice_us,
				 a->period_us);
	if (a->latency_us > a->period_us)
		return error_set(e, EINVAL, "latency_us: %u is more than the period, %u",
				 a->latency_us, a->period_us);
	if (!a->slice_us && !a->xtratime)
		return error_set(e, EINVAL,
				 "xtratime: 0 with a slice of 0: the domain would never run");
	return 0;
}

void api_set_scheduler(struct request *r, char *const *part)
{
	static const char *const members[] = { "mcuadv",     "period_us", "slice_us",
					       "latency_us", "xtratime",  NULL };
	union parameters values = { 0 };
	struct control_domain info;
	unsigned int scheduler;
	struct domain *d;
	struct error e;
	char *text;

	if (api_check(r, members) || api_domain(r, part, &d, &info))
		return;
	if (get_domain_scheduler(info.id, &scheduler, &values, &e) ||
	    change(request_body(r), scheduler, &values, &e) ||
	    (scheduler == XENOLITH_SCHEDULER_ATROPOS && check_atropos(&values.atropos, &e))) {
		reply_error(r, &e);
		return;
	}
	if (domain_op(scheduler, info.id, XEN_DOMCTL_SCHEDOP_putinfo, &values, &e)) {
		if (e.number == ENOSPC)
			error_set(&e, EBUSY,
				  "slice_us: %u of %u is more than any CPU of the domain has left",
				  values.atropos.slice_us, values.atropos.period_us);
		reply_error(r, &e);
		return;
	}
	text = json_dumps(request_body(r), JSON_COMPACT);
	log_info("%s: scheduler %s: %s", d ? domain_label(d) : part[1], scheduler_name(scheduler),
		 text ? text : "");
	free(text);
	reply_domain(r, scheduler, &values);
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
	else if (*scheduler == XENOLITH_SCHEDULER_ATROPOS)
		return error_set(e, EOPNOTSUPP,
				 "scheduler atropos: no such parameters; each domain has its own");
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
