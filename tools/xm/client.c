// SPDX-License-Identifier: GPL-2.0
/*
 * Talking to xend: one HTTP request at a time over its Unix socket, JSON both
 * ways (docs/xend-http.md). An answer of 400 and more carries a line that says
 * what is wrong; it is printed as it is.
 */
#include "client.h"
#include "text.h"
#include "xm.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SOCKET_PATH "/run/xenolith/xend.sock"
#define ANSWER_MAX (64 << 20) /* bytes; xend's longest answer is far below */

struct buffer {
	char *data;
	size_t length;
};

static const char *socket_path(void)
{
	const char *path = getenv("XEND_SOCKET");

	return path && *path ? path : SOCKET_PATH;
}

/* libcurl hands over a part of the answer; other than @size is a failure. */
static size_t receive(char *data, size_t one, size_t size, void *to)
{
	struct buffer *buffer = to;
	char *larger;

	(void)one;
	if (buffer->length + size > ANSWER_MAX)
		return 0;
	larger = realloc(buffer->data, buffer->length + size + 1);
	if (!larger)
		return 0;
	buffer->data = larger;
	memcpy(buffer->data + buffer->length, data, size);
	buffer->length += size;
	buffer->data[buffer->length] = '\0';
	return size;
}

static int no_answer(CURL *curl, CURLcode code)
{
	long error = 0;

	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
	if (code != CURLE_COULDNT_CONNECT)
		return fail(XM_FAILED, "no answer from xend: %s", curl_easy_strerror(code));
	if (error == EACCES || error == EPERM)
		return fail(XM_NO_XEND, "only root may talk to xend (%s)", socket_path());
	if (error == ENOENT || error == ECONNREFUSED)
		return fail(XM_NO_XEND, "xend does not run (%s: %s); \"xend start\" starts it",
			    socket_path(), strerror(error));
	return fail(XM_NO_XEND, "cannot reach xend at %s: %s", socket_path(),
		    error ? strerror(error) : curl_easy_strerror(code));
}

/* Why xend refused: its own line if it gave one. */
static int refused(long status, const struct buffer *answer)
{
	json_t *json = json_loads(answer->data ? answer->data : "", 0, NULL);
	const char *error = json_string_value(json_object_get(json, "error"));
	int code = error ? fail(XM_FAILED, "%s", error) :
			   fail(XM_FAILED, "xend answered with status %ld and no reason", status);

	json_decref(json);
	return code;
}

/* One request; @body may be NULL. On success @answer holds what came back. */
static int request(const char *method, const char *path, const char *body, struct buffer *answer)
{
	struct curl_slist *headers = NULL;
	CURL *curl = curl_easy_init();
	char url[PATH_MAX_LENGTH + 32];
	CURLcode code;
	long status;
	int error;

	if (!curl)
		return fail(XM_FAILED, "libcurl does not start");
	snprintf(url, sizeof(url), "http://localhost%s", path);
	/* A POST without a body must say so, or it waits for one. */
	headers = curl_slist_append(headers, "Content-Type: application/json");
	headers = curl_slist_append(headers, "Expect:");
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path());
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	if (strcmp(method, "GET"))
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body ? body : "");
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK)
		error = no_answer(curl, code);
	else
		error = status >= 400 ? refused(status, answer) : XM_OK;
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (error) {
		free(answer->data);
		answer->data = NULL;
	}
	return error;
}

/*
 * Names and messages that xend passes on can come from guests: they are printed,
 * and must not command the terminal.
 */
static void clean(json_t *json)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_string(json)) {
		size_t length = json_string_length(json);
		char *text = malloc(length + 1);

		if (text) {
			memcpy(text, json_string_value(json), length + 1);
			text_clean(text, length, "");
			json_string_setn_nocheck(json, text, length);
		}
		free(text);
	}
	json_array_foreach(json, i, value) clean(value);
	json_object_foreach(json, key, value) clean(value);
}

static int parse(struct buffer *buffer, json_t **answer)
{
	json_error_t error;

	*answer = json_loadb(buffer->data ? buffer->data : "", buffer->length, JSON_DECODE_ANY,
			     &error);
	free(buffer->data);
	if (!*answer)
		return fail(XM_FAILED, "xend's answer is not JSON: %s", error.text);
	clean(*answer);
	return XM_OK;
}

int xend_get(const char *path, json_t **answer)
{
	struct buffer buffer = {};
	int error = request("GET", path, NULL, &buffer);

	return error ? error : parse(&buffer, answer);
}

int xend_get_text(const char *path, char **text, size_t *length)
{
	struct buffer buffer = {};
	int error = request("GET", path, NULL, &buffer);

	if (error)
		return error;
	*text = buffer.data ? buffer.data : strdup("");
	*length = buffer.length;
	return XM_OK;
}

int xend_do(const char *method, const char *path, json_t *body, json_t **answer)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct buffer buffer = {};
	int error = request(method, path, text, &buffer);

	free(text);
	json_decref(body);
	if (answer)
		*answer = NULL;
	if (error)
		return error;
	if (answer && buffer.length)
		return parse(&buffer, answer);
	free(buffer.data);
	return XM_OK;
}

int xend_domain_path(char path[PATH_MAX_LENGTH], const char *domain, const char *rest)
{
	size_t length = strspn(domain, "0123456789"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz._-");

	if (domain[length] || !length || length > 64)
		return fail(XM_FAILED, "there is no domain \"%s\"", domain);
	snprintf(path, PATH_MAX_LENGTH, "/domains/%s%s", domain, rest);
	return XM_OK;
}

int xend_path_of(char path[PATH_MAX_LENGTH], const json_t *domain, const char *rest)
{
	const json_t *id = json_object_get(domain, "id");

	if (!json_is_integer(id))
		return xend_domain_path(path, member_text(domain, "name"), rest);
	snprintf(path, PATH_MAX_LENGTH, "/domains/%lld%s", json_integer_value(id), rest);
	return XM_OK;
}

int xend_domains(char **names, int n, json_t **domains)
{
	if (!n) {
		int error = xend_get("/domains", domains);

		if (!error && !json_is_array(*domains)) {
			json_decref(*domains);
			return fail(XM_FAILED, "xend's answer is no list of domains");
		}
		return error;
	}
	*domains = json_array();
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX_LENGTH];
		json_t *domain;
		int error = xend_domain_path(path, names[i], "");

		if (!error)
			error = xend_get(path, &domain);
		if (error) {
			json_decref(*domains);
			return error;
		}
		json_array_append_new(*domains, domain);
	}
	return XM_OK;
}

int xend_long_form(json_t *brief, json_t **domains)
{
	json_t *domain;
	size_t i;

	*domains = json_array();
	json_array_foreach(brief, i, domain)
	{
		char path[PATH_MAX_LENGTH];
		json_t *all;
		int error = xend_path_of(path, domain, "");

		if (!error)
			error = xend_get(path, &all);
		if (error) {
			json_decref(*domains);
			return error;
		}
		json_array_append_new(*domains, all);
	}
	return XM_OK;
}

const char *member_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

long long member_number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}
