// SPDX-License-Identifier: GPL-2.0
/* How much memory a domain shall have (its balloon's target), and may have. */
#include <errno.h>
#include <stdio.h>

#include "api.h"
#include "balloon.h"
#include "json.h"
#include "log.h"
#include "store.h"

#define GUEST_MIN_KIB 4096
#define KIB_MAX (1ll << 34)

/* One number of the body, at least @min. */
static int get_kib(const json_t *body, const char *name, uint64_t min, uint64_t *kib,
		   struct error *e)
{
	json_int_t number = 0;

	if (!body)
		return error_set(e, EINVAL, "%s: missing", name);
	if (json_get_number(body, "", name, true, min, KIB_MAX, &number, e))
		return -1;
	*kib = number;
	return 0;
}

static int check_target(const struct control_domain *info, uint64_t target, struct error *e)
{
	long max = store_read_number(0, "/local/domain/%u/memory/static-max", info->id);

	if (info->dying || info->shutdown)
		return error_set(e, EBUSY, "domain %u has ended", info->id);
	if (target > info->max_kib || (max > 0 && target > (uint64_t)max))
		return error_set(e, EINVAL,
				 "target_kib: %llu KiB is more than the domain may "
				 "have, %llu KiB",
				 (unsigned long long)target,
				 max > 0 && (uint64_t)max < info->max_kib ?
					 (unsigned long long)max :
					 (unsigned long long)info->max_kib);
	return 0;
}

void api_memory(struct request *r, char *const *part)
{
	static const char *const members[] = { "target_kib", NULL };
	struct control_domain info;
	struct domain *d;
	uint64_t target;
	struct error e;

	if (api_check(r, members) || api_domain(r, part, &d, &info))
		return;
	if (get_kib(request_body(r), "target_kib", info.id ? GUEST_MIN_KIB : DOM0_MIN_KIB, &target,
		    &e) ||
	    check_target(&info, target, &e) || memory_set_target(info.id, target, &e)) {
		reply_error(r, &e);
		return;
	}
	log_info("%s: memory target %llu KiB", d ? domain_label(d) : part[1],
		 (unsigned long long)target);
	reply_done(r);
}

void api_maxmem(struct request *r, char *const *part)
{
	static const char *const members[] = { "limit_kib", NULL };
	struct control_domain info;
	struct domain *d;
	struct error e;
	uint64_t limit;
	long target;
	char text[24];

	if (api_check(r, members) || api_domain(r, part, &d, &info))
		return;
	target = store_read_number(0, "/local/domain/%u/memory/target", info.id);
	if (get_kib(request_body(r), "limit_kib", GUEST_MIN_KIB, &limit, &e))
		;
	else if (target > 0 && limit < (uint64_t)target)
		error_set(&e, EINVAL,
			  "limit_kib: %llu KiB is less than the domain's target, "
			  "%ld KiB",
			  (unsigned long long)limit, target);
	else if (!control_max_mem(control, info.id, limit, &e)) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)limit);
		store_write(text, "/local/domain/%u/memory/static-max", info.id);
		log_info("%s: may have %llu KiB", d ? domain_label(d) : part[1],
			 (unsigned long long)limit);
		reply_done(r);
		return;
	}
	reply_error(r, &e);
}
