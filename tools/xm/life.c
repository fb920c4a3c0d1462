// SPDX-License-Identifier: GPL-2.0
/* The rest of a domain's life: destroy, pause, unpause, shutdown, reboot. */
#include "client.h"
#include "xm.h"

#include <string.h>
#include <time.h>

/* One request that says all, on the domain named by the first argument. */
static int ask(struct call *call, const char *method, const char *rest)
{
	char path[PATH_MAX_LENGTH];
	int error = xend_domain_path(path, call->args[0], rest);

	return error ? error : xend_do(method, path, NULL, NULL);
}

int run_destroy(struct call *call)
{
	return ask(call, "DELETE", "");
}

int run_pause(struct call *call)
{
	return ask(call, "POST", "/pause");
}

int run_unpause(struct call *call)
{
	return ask(call, "POST", "/unpause");
}

static bool is_number(const json_t *domain, long long id)
{
	const json_t *number = json_object_get(domain, "id");

	return json_is_integer(number) && json_integer_value(number) == id;
}

/*
 * May the domain of that number still have something to do? Not if it is gone.
 * One that is @kept when it ends stays, shut down; one that crashed may, too.
 */
static int busy(long long id, bool kept, bool *answer)
{
	json_t *domains, *domain;
	int error = xend_domains(NULL, 0, &domains);
	size_t i;

	*answer = false;
	if (error)
		return error;
	json_array_foreach(domains, i, domain)
	{
		const char *state = member_text(domain, "state");

		if (is_number(domain, id))
			*answer = !strchr(state, 'c') && !(kept && strchr(state, 's'));
	}
	json_decref(domains);
	return XM_OK;
}

/* Does what xend does at some end of the domain leave it there? */
static bool is_kept(const json_t *domain)
{
	static const char *const ends[] = { "on_poweroff", "on_reboot", "on_crash" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		const char *action = member_text(domain, ends[i]);

		/* With another tool's domain xend does nothing, and does not say more. */
		if (strcmp(action, "destroy") && strcmp(action, "restart"))
			return true;
	}
	return false;
}

/* Until the domains in @domains are down, their devices gone; a reboot gives a new number. */
static int wait_for(const json_t *domains)
{
	const struct timespec pause = { .tv_nsec = 250000000 };
	json_t *domain;
	size_t i;

	json_array_foreach((json_t *)domains, i, domain)
	{
		bool is_busy;
		int error;

		while (!(error = busy(member_number(domain, "id"), is_kept(domain), &is_busy)) &&
		       is_busy)
			nanosleep(&pause, NULL);
		if (error)
			return error;
	}
	return XM_OK;
}

/* The domains that the command is for: the one named, or all but Domain-0. */
static int which(struct call *call, json_t **domains)
{
	json_t *all;
	int error;

	if (!call->option['a'] == !call->nr_args)
		return fail(XM_USAGE, "give a domain, or -a for all, and not both");
	if (call->nr_args)
		return xend_domains(call->args, call->nr_args, domains);
	error = xend_domains(NULL, 0, &all);
	if (error)
		return error;
	for (size_t i = json_array_size(all); i-- > 0;)
		if (is_number(json_array_get(all, i), 0))
			json_array_remove(all, i);
	error = xend_long_form(all, domains);
	json_decref(all);
	return error;
}

/* Ask every domain; one that refuses does not keep the others up. */
static int go_down(struct call *call, const char *reason)
{
	json_t *domains, *domain;
	int code = which(call, &domains);
	size_t i;

	if (code)
		return code;
	json_array_foreach(domains, i, domain)
	{
		char path[PATH_MAX_LENGTH];
		int error = xend_path_of(path, domain, "/shutdown");

		if (!error)
			error = xend_do("POST", path, json_pack("{s:s}", "reason", reason), NULL);
		if (error)
			code = error;
	}
	if (!code && call->option['w'])
		code = wait_for(domains);
	json_decref(domains);
	return code;
}

int run_shutdown(struct call *call)
{
	return go_down(call, call->option['R'] ? "reboot" : "poweroff");
}

int run_reboot(struct call *call)
{
	return go_down(call, "reboot");
}
