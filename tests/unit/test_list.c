/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/list.h: order, removal, and that a removed element knows it. */
#include "test.h"

#include "lib/list.h"

struct item {
	int n;
	struct list link;
};

static int sum(struct list *head)
{
	struct item *i;
	int s = 0;

	list_for_each(i, head, link)
		s = s * 10 + i->n;
	return s;
}

static void test_order(void **state)
{
	struct list head = LIST_INIT(head);
	struct item a = { .n = 1 }, b = { .n = 2 }, c = { .n = 3 }, d = { .n = 4 };

	assert_true(list_empty(&head));
	assert_int_equal(sum(&head), 0);
	list_add_tail(&head, &b.link);
	list_add_tail(&head, &c.link);
	list_add_before(&b.link, &a.link);
	assert_int_equal(sum(&head), 123);
	list_add_before(&c.link, &d.link);
	assert_int_equal(sum(&head), 1243);
	assert_ptr_equal(list_first(&head, struct item, link), &a);
}

static void test_remove(void **state)
{
	struct list head = LIST_INIT(head);
	struct item i[5], *p, *tmp;

	for (int n = 0; n < 5; n++) {
		i[n].n = n + 1;
		list_add_tail(&head, &i[n].link);
	}
	list_for_each_safe(p, tmp, &head, link)
		if (p->n % 2 == 0)
			list_del(&p->link);
	assert_int_equal(sum(&head), 135);
	assert_true(list_empty(&i[1].link));
	assert_false(list_empty(&i[0].link));
	list_del(&i[1].link); /* twice does no harm */
	assert_int_equal(sum(&head), 135);
	list_for_each_safe(p, tmp, &head, link)
		list_del(&p->link);
	assert_true(list_empty(&head));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
