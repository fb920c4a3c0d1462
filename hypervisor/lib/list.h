/* SPDX-License-Identifier: GPL-2.0-only */
/* Circular doubly linked lists; the head is an element that carries no data. */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/types.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name) { &(name), &(name) }

static inline void list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* Put item in front of pos; with pos the head, that is at the end. */
static inline void list_add_before(struct list *pos, struct list *item)
{
	item->prev = pos->prev;
	item->next = pos;
	pos->prev->next = item;
	pos->prev = item;
}

static inline void list_add_tail(struct list *head, struct list *item)
{
	list_add_before(head, item);
}

/* Take item off its list and leave it empty, so that list_empty(item) tells. */
static inline void list_del(struct list *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
	list_init(item);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)

#define list_first(head, type, member) list_entry((head)->next, type, member)

#define list_for_each(pos, head, member)                               \
	for (pos = list_entry((head)->next, __typeof__(*pos), member); \
	     &pos->member != (head);                                   \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))

/* As list_for_each, but the body may take pos off the list. */
#define list_for_each_safe(pos, tmp, head, member)                        \
	for (pos = list_entry((head)->next, __typeof__(*pos), member),    \
	    tmp = list_entry(pos->member.next, __typeof__(*pos), member); \
	     &pos->member != (head);                                      \
	     pos = tmp,                                                   \
	    tmp = list_entry(tmp->member.next, __typeof__(*tmp), member))

#endif
