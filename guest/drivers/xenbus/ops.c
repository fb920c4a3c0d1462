// SPDX-License-Identifier: GPL-2.0
/*
 * What drivers ask of xenstore: values, directories, transactions, and the forms of
 * them that scan and print. All are for processes, may sleep until xenstore answers,
 * and return 0 or what it read, or an error.
 *
 * A path is DIR/NODE, or DIR alone if node is "". One that does not begin with "/" is
 * below this domain's own, /local/domain/N.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "store.h"

#define GFP (GFP_NOIO | __GFP_HIGH) /* a disk may wait for us */

/* Kept by the caller, who kfree()s it. */
static char *join(const char *dir, const char *node)
{
	char *path = *node ? kasprintf(GFP, "%s/%s", dir, node) : kstrdup(dir, GFP);

	return path ?: ERR_PTR(-ENOMEM);
}

/* A request with a path, and with a value after that if value is not NULL. */
static void *call(struct xenbus_transaction t, u32 type, const char *dir, const char *node,
		  const char *value, unsigned int *len)
{
	char *path = join(dir, node);
	struct kvec vec[2];
	void *reply;

	if (IS_ERR(path))
		return path;
	vec[0] = (struct kvec){ path, strlen(path) + 1 };
	vec[1] = (struct kvec){ (char *)value, value ? strlen(value) : 0 };
	reply = store_call(t, type, vec, ARRAY_SIZE(vec), len);
	kfree(path);
	return reply;
}

/* The same, where success is all there is to know. */
static int call_void(struct xenbus_transaction t, u32 type, const char *dir, const char *node,
		     const char *value)
{
	void *reply = call(t, type, dir, node, value, NULL);

	if (IS_ERR(reply))
		return PTR_ERR(reply);
	kfree(reply);
	return 0;
}

/* Names as xenstore sends them, one 0 after each, as an array; one kfree() frees all. */
static char **split(const char *names, unsigned int len, unsigned int *num)
{
	unsigned int n = 0, i;
	char **array, *text;

	for (i = 0; i < len; i++)
		n += !names[i];
	array = kmalloc(array_size(n, sizeof(*array)) + len, GFP);
	if (!array)
		return ERR_PTR(-ENOMEM);
	text = memcpy(array + n, names, len);
	for (i = 0; i < n; i++) {
		array[i] = text;
		text += strlen(text) + 1;
	}
	*num = n;
	return array;
}

/* One piece of a long directory, from offset: GENERATION|NAME|*, an empty NAME at the end. */
static char *read_part(struct xenbus_transaction t, const char *path, size_t offset,
		       unsigned int *len)
{
	char text[24];
	struct kvec vec[] = {
		{ (char *)path, strlen(path) + 1 },
		{ text, scnprintf(text, sizeof(text), "%zu", offset) + 1 },
	};

	return store_call(t, XS_DIRECTORY_PART, vec, ARRAY_SIZE(vec), len);
}

/*
 * All of a directory that is too long for one message. Returns the names, and -EAGAIN
 * if the directory changed while it was read.
 */
static char *read_parts(struct xenbus_transaction t, const char *path, unsigned int *total)
{
	char generation[24] = "", *names = NULL, *part, *more;
	unsigned int have = 0, len, skip, size;
	bool end = false;
	int err = 0;

	while (!end && !err) {
		part = read_part(t, path, have, &len);
		if (IS_ERR(part)) {
			err = PTR_ERR(part);
			break;
		}
		skip = strnlen(part, len) + 1;
		if (skip > len || (have && strcmp(generation, part)))
			err = have ? -EAGAIN : -EIO;
		else
			strscpy(generation, part, sizeof(generation));
		size = err ? 0 : len - skip;
		/* The end is marked by one more 0. */
		end = size < 2 || (!part[len - 1] && !part[len - 2]);
		more = err ? NULL : krealloc(names, have + size + 1, GFP);
		if (more) {
			names = more;
			memcpy(names + have, part + skip, size);
			have += size - (end && size);
		} else if (!err) {
			err = -ENOMEM;
		}
		kfree(part);
	}
	if (err) {
		kfree(names);
		return ERR_PTR(err);
	}
	*total = have;
	return names;
}

/* The names in a directory, *num of them. The caller kfree()s the array. */
char **xenbus_directory(struct xenbus_transaction t, const char *dir, const char *node,
			unsigned int *num)
{
	char *names, *path, **array;
	unsigned int len;

	names = call(t, XS_DIRECTORY, dir, node, NULL, &len);
	if (names == ERR_PTR(-E2BIG)) {
		path = join(dir, node);
		if (IS_ERR(path))
			return ERR_CAST(path);
		do {
			names = read_parts(t, path, &len);
		} while (names == ERR_PTR(-EAGAIN));
		kfree(path);
	}
	if (IS_ERR(names))
		return ERR_CAST(names);
	array = split(names, len, num);
	kfree(names);
	return array;
}
EXPORT_SYMBOL_GPL(xenbus_directory);

/* 1 or 0. */
int xenbus_exists(struct xenbus_transaction t, const char *dir, const char *node)
{
	return !call_void(t, XS_READ, dir, node, NULL);
}
EXPORT_SYMBOL_GPL(xenbus_exists);

/* A value, with a 0 after it; its length goes to *len unless that is NULL. */
void *xenbus_read(struct xenbus_transaction t, const char *dir, const char *node, unsigned int *len)
{
	return call(t, XS_READ, dir, node, NULL, len);
}
EXPORT_SYMBOL_GPL(xenbus_read);

int xenbus_write(struct xenbus_transaction t, const char *dir, const char *node, const char *string)
{
	return call_void(t, XS_WRITE, dir, node, string);
}
EXPORT_SYMBOL_GPL(xenbus_write);

int xenbus_mkdir(struct xenbus_transaction t, const char *dir, const char *node)
{
	return call_void(t, XS_MKDIR, dir, node, NULL);
}
EXPORT_SYMBOL_GPL(xenbus_mkdir);

int xenbus_rm(struct xenbus_transaction t, const char *dir, const char *node)
{
	return call_void(t, XS_RM, dir, node, NULL);
}
EXPORT_SYMBOL_GPL(xenbus_rm);

/* Begin a transaction. Whoever begins one must end it, soon and whatever happens. */
int xenbus_transaction_start(struct xenbus_transaction *t)
{
	char *reply;
	int err;

	store_begin();
	reply = call(XBT_NIL, XS_TRANSACTION_START, "", "", NULL, NULL);
	err = PTR_ERR_OR_ZERO(reply);
	if (!err) {
		err = kstrtou32(reply, 10, &t->id);
		kfree(reply);
	}
	if (err)
		store_end();
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_transaction_start);

/* End it, or (abort) undo it. -EAGAIN: something else changed what it read; do it again. */
int xenbus_transaction_end(struct xenbus_transaction t, int abort)
{
	int err = call_void(t, XS_TRANSACTION_END, abort ? "F" : "T", "", NULL);

	store_end();
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_transaction_end);

/* How many of the format's values there were; -ERANGE if none. */
int xenbus_scanf(struct xenbus_transaction t, const char *dir, const char *node, const char *fmt,
		 ...)
{
	char *value = xenbus_read(t, dir, node, NULL);
	va_list args;
	int n;

	if (IS_ERR(value))
		return PTR_ERR(value);
	va_start(args, fmt);
	n = vsscanf(value, fmt, args);
	va_end(args);
	kfree(value);
	return n ?: -ERANGE;
}
EXPORT_SYMBOL_GPL(xenbus_scanf);

/* A number, or default_val if there is none. */
unsigned int xenbus_read_unsigned(const char *dir, const char *node, unsigned int default_val)
{
	unsigned int value;

	return xenbus_scanf(XBT_NIL, dir, node, "%u", &value) == 1 ? value : default_val;
}
EXPORT_SYMBOL_GPL(xenbus_read_unsigned);

int xenbus_printf(struct xenbus_transaction t, const char *dir, const char *node, const char *fmt,
		  ...)
{
	va_list args;
	char *value;
	int err;

	va_start(args, fmt);
	value = kvasprintf(GFP, fmt, args);
	va_end(args);
	if (!value)
		return -ENOMEM;
	err = xenbus_write(t, dir, node, value);
	kfree(value);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_printf);

/*
 * Several values of a directory: name, format, pointer, name, format, pointer, ... NULL.
 * Without a format the pointer gets the text, which the caller kfree()s. It ends with
 * the first error; -EINVAL: a value is not as its format says.
 */
int xenbus_gather(struct xenbus_transaction t, const char *dir, ...)
{
	const char *name, *fmt;
	va_list args;
	char *value;
	void *to;
	int err = 0;

	va_start(args, dir);
	while (!err && (name = va_arg(args, const char *))) {
		fmt = va_arg(args, const char *);
		to = va_arg(args, void *);
		value = xenbus_read(t, dir, name, NULL);
		if (IS_ERR(value)) {
			err = PTR_ERR(value);
		} else if (!fmt) {
			*(char **)to = value;
		} else {
			if (sscanf(value, fmt, to) != 1)
				err = -EINVAL;
			kfree(value);
		}
	}
	va_end(args);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_gather);
