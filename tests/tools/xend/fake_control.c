// SPDX-License-Identifier: GPL-2.0
/*
 * The control operations and the builder, for tests: each call is a line of JSON to
 * machine.py, which plays the hypervisor, and a line back. The hypervisor so outlives a
 * killed xend, as the real one does.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "build/build.h"
#include "lib/control.h"

static FILE *connect_machine(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, getenv("FAKE_MACHINE"), sizeof(address.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		perror(address.sun_path);
		_exit(9);
	}
	return fdopen(fd, "r+");
}

struct control *control_open(struct error *e)
{
	static struct control control;

	(void)e;
	return &control;
}

void control_close(struct control *c)
{
	(void)c;
}

/* Takes over @arguments. NULL: *e. */
static json_t *ask(const char *op, json_t *arguments, struct error *e)
{
	char *line = NULL, *text;
	FILE *machine = connect_machine(); /* threads do not wait for each other */
	size_t size = 0;
	json_t *answer;

	json_object_set_new(arguments, "op", json_string(op));
	text = json_dumps(arguments, JSON_COMPACT);
	json_decref(arguments);
	fprintf(machine, "%s\n", text);
	fflush(machine);
	if (getline(&line, &size, machine) <= 0)
		_exit(9);
	fclose(machine);
	answer = json_loads(line, 0, NULL);
	free(text);
	free(line);
	if (json_object_get(answer, "errno")) {
		error_set(e, json_integer_value(json_object_get(answer, "errno")), "%s",
			  json_string_value(json_object_get(answer, "text")));
		json_decref(answer);
		return NULL;
	}
	return answer;
}

static int done(json_t *answer)
{
	json_decref(answer);
	return answer ? 0 : -1;
}

static json_int_t number(const json_t *json, const char *name)
{
	return json_integer_value(json_object_get(json, name));
}

static json_t *uuid_json(const uint8_t uuid[16])
{
	char text[33];

	for (int i = 0; i < 16; i++)
		sprintf(text + 2 * i, "%02x", uuid[i]);
	return json_string(text);
}

int build_domain(struct control *c, const struct build_request *r, struct build_result *out,
		 struct error *e)
{
	json_t *answer;

	(void)c;
	answer = ask("build",
		     json_pack("{s:o, s:s, s:s*, s:s, s:I, s:I, s:i}", "uuid", uuid_json(r->uuid),
			       "kernel", r->kernel, "ramdisk", r->ramdisk, "cmdline", r->cmdline,
			       "memory_kib", (json_int_t)r->memory_kib, "max_kib",
			       (json_int_t)r->max_kib, "vcpus", (int)r->vcpus),
		     e);
	if (!answer)
		return -1;
	memset(out, 0, sizeof(*out));
	out->domid = number(answer, "id");
	out->store_mfn = 1000 + out->domid;
	out->store_port = 1;
	out->console_mfn = 2000 + out->domid;
	out->console_port = 2;
	json_decref(answer);
	return 0;
}

int build_unpack(const char *kernel, const char *cache, bool *unpacked, struct error *e)
{
	json_t *answer =
		ask("unpack", json_pack("{s:s, s:s}", "kernel", kernel, "cache", cache), e);

	*unpacked = answer && number(answer, "unpacked");
	return done(answer);
}

static int on_domain(const char *op, unsigned int domid, struct error *e)
{
	return done(ask(op, json_pack("{s:i}", "id", (int)domid), e));
}

int control_destroy(struct control *c, unsigned int domid, struct error *e)
{
	(void)c;
	return on_domain("destroy", domid, e);
}

int control_pause(struct control *c, unsigned int domid, struct error *e)
{
	(void)c;
	return on_domain("pause", domid, e);
}

int control_unpause(struct control *c, unsigned int domid, struct error *e)
{
	(void)c;
	return on_domain("unpause", domid, e);
}

int control_max_mem(struct control *c, unsigned int domid, uint64_t kib, struct error *e)
{
	(void)c;
	return done(ask("max_mem",
			json_pack("{s:i, s:I}", "id", (int)domid, "kib", (json_int_t)kib), e));
}

int control_set_affinity(struct control *c, unsigned int domid, unsigned int vcpu,
			 struct cpu_map *cpus, struct error *e)
{
	json_t *list = json_array();

	(void)c;
	for (int i = 0; i < CONTROL_MAX_CPUS; i++)
		if (cpu_map_has(cpus, i))
			json_array_append_new(list, json_integer(i));
	return done(
		ask("set_affinity",
		    json_pack("{s:i, s:i, s:o}", "id", (int)domid, "vcpu", (int)vcpu, "cpus", list),
		    e));
}

int control_get_affinity(struct control *c, unsigned int domid, unsigned int vcpu,
			 struct cpu_map *cpus, struct error *e)
{
	json_t *answer = ask("get_affinity",
			     json_pack("{s:i, s:i}", "id", (int)domid, "vcpu", (int)vcpu), e),
	       *cpu;
	size_t i;

	(void)c;
	memset(cpus, 0, sizeof(*cpus));
	json_array_foreach(json_object_get(answer, "cpus"), i, cpu)
		cpu_map_set(cpus, json_integer_value(cpu));
	return done(answer);
}

static void fill(const json_t *json, struct control_domain *d)
{
	const char *uuid = json_string_value(json_object_get(json, "uuid"));

	memset(d, 0, sizeof(*d));
	d->id = number(json, "id");
	for (int i = 0; i < 16; i++)
		sscanf(uuid + 2 * i, "%2hhx", &d->uuid[i]);
	d->paused = json_is_true(json_object_get(json, "paused"));
	d->shutdown = json_is_true(json_object_get(json, "shutdown"));
	d->dying = json_is_true(json_object_get(json, "dying"));
	d->running = !d->paused && !d->shutdown && !d->dying;
	d->reason = number(json, "reason");
	d->memory_kib = number(json, "memory_kib");
	d->max_kib = number(json, "max_kib");
	d->vcpus = d->max_vcpus = number(json, "vcpus");
}

int control_domain(struct control *c, unsigned int domid, struct control_domain *d, struct error *e)
{
	json_t *answer = ask("domain", json_pack("{s:i}", "id", (int)domid), e);

	(void)c;
	if (answer)
		fill(answer, d);
	return done(answer);
}

int control_domains(struct control *c, struct control_domain **list, size_t *count, struct error *e)
{
	json_t *answer = ask("domains", json_object(), e), *all, *one;
	size_t i;

	(void)c;
	if (!answer)
		return -1;
	all = json_object_get(answer, "domains");
	*count = json_array_size(all);
	*list = calloc(*count + 1, sizeof(**list));
	json_array_foreach(all, i, one) fill(one, &(*list)[i]);
	return done(answer);
}

int control_vcpu(struct control *c, unsigned int domid, unsigned int vcpu, struct control_vcpu *v,
		 struct error *e)
{
	(void)c;
	*v = (struct control_vcpu){ .online = !vcpu, .running = !vcpu, .cpu = vcpu };
	return on_domain("domain", domid, e);
}

int control_scheduler(struct control *c, unsigned int *id, struct error *e)
{
	json_t *answer = ask("node", json_object(), e);

	(void)c;
	*id = number(answer, "scheduler");
	return done(answer);
}

/* Parameters are the first four words of the union. */
static int parameter(const char *op, int domid, bool put, unsigned int scheduler, void *u,
		     struct error *e)
{
	uint32_t w[4];
	json_t *answer, *words;

	memcpy(w, u, sizeof(w));
	answer = ask(op,
		     json_pack("{s:i, s:b, s:i, s:[I, I, I, I]}", "id", domid, "put", put,
			       "scheduler", (int)scheduler, "words", (json_int_t)w[0],
			       (json_int_t)w[1], (json_int_t)w[2], (json_int_t)w[3]),
		     e);
	words = json_object_get(answer, "words");
	for (int i = 0; i < 4; i++)
		w[i] = json_integer_value(json_array_get(words, i));
	memcpy(u, w, sizeof(w));
	return done(answer);
}

int control_domain_scheduler(struct control *c, unsigned int domid,
			     struct xen_domctl_scheduler_op *op, struct error *e)
{
	(void)c;
	return parameter("domain_sched", domid, op->cmd == XEN_DOMCTL_SCHEDOP_putinfo, op->sched_id,
			 &op->u, e);
}

int control_node_scheduler(struct control *c, struct xen_sysctl_scheduler_op *op, struct error *e)
{
	(void)c;
	return parameter("node_sched", 0, op->cmd == XEN_SYSCTL_SCHEDOP_putinfo, op->sched_id,
			 &op->u, e);
}

int control_node(struct control *c, struct control_node *n, struct error *e)
{
	json_t *answer = ask("node", json_object(), e);

	(void)c;
	*n = (struct control_node){
		.cpus = number(answer, "cpus"),
		.nodes = 1,
		.cores_per_socket = 2,
		.threads_per_core = 1,
		.max_cpu = number(answer, "cpus") - 1,
		.cpu_khz = 2000000,
		.total_kib = number(answer, "total_kib"),
		.free_kib = number(answer, "free_kib"),
	};
	return done(answer);
}

int control_version(struct control *c, struct control_version *v, struct error *e)
{
	(void)c;
	(void)e;
	*v = (struct control_version){ .major = 4,
				       .minor = 17,
				       .extra = "-fake",
				       .page_size = 4096,
				       .caps = "xen-3.0-x86_64" };
	return 0;
}

int control_read_console(struct control *c, bool clear, char **text, size_t *bytes, struct error *e)
{
	(void)c;
	(void)e;
	*text = strdup(clear ? "cleared\n" : "hello\n");
	*bytes = strlen(*text);
	return 0;
}
