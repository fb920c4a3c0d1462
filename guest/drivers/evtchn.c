// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/xen/evtchn: event channels for programs (<uapi/xen/evtchn.h>).
 *
 * Ports are bound to an open file by ioctl. A port that becomes pending is masked and
 * put into the file's ring, from which read() takes port numbers of 32 bits; writing a
 * number back unmasks the port. So each port is in the ring once at most, and a ring as
 * large as there are ports never overflows.
 */
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>
#include <asm/xen/hypercall.h>
#include <xen/events.h>
#include <xen/xen-ops.h>
#include <xen/xen.h>

#include <uapi/xen/evtchn.h>

#define UNRESTRICTED ((domid_t)~0)
#define RING_MIN 16

struct opened {
	struct mutex mutex;  /* bindings, readers, restriction */
	struct xarray ports; /* of struct bound, by port; RCU readers */
	unsigned int nr_ports;
	domid_t domain; /* the one allowed; UNRESTRICTED: all */

	spinlock_t ring_lock; /* the rest, and struct bound's pending */
	evtchn_port_t *ring;
	unsigned int size; /* a power of 2, at least nr_ports */
	unsigned int in, out;

	wait_queue_head_t wait;
	struct fasync_struct *async;
};

struct bound {
	struct opened *file;
	evtchn_port_t port;
	int irq;
	bool pending; /* in the ring or read, and masked */
	struct rcu_head rcu;
};

static irqreturn_t interrupt(int irq, void *data)
{
	struct bound *bound = data;
	struct opened *file = bound->file;
	unsigned long flags;

	spin_lock_irqsave(&file->ring_lock, flags);
	if (!bound->pending && !WARN_ON_ONCE(file->in - file->out >= file->size)) {
		bound->pending = true;
		file->ring[file->in++ & (file->size - 1)] = bound->port;
	}
	spin_unlock_irqrestore(&file->ring_lock, flags);
	wake_up_interruptible(&file->wait);
	kill_fasync(&file->async, SIGIO, POLL_IN);
	return IRQ_HANDLED;
}

/* Room for one port more. With file->mutex. */
static int grow_ring(struct opened *file)
{
	unsigned int size = max_t(unsigned int, RING_MIN, file->size * 2), i;
	evtchn_port_t *ring, *old;

	if (file->nr_ports < file->size)
		return 0;
	ring = kvmalloc_array(size, sizeof(*ring), GFP_KERNEL_ACCOUNT);
	if (!ring)
		return -ENOMEM;
	spin_lock_irq(&file->ring_lock);
	for (i = 0; file->out != file->in; i++)
		ring[i] = file->ring[file->out++ & (file->size - 1)];
	old = file->ring;
	file->ring = ring;
	file->size = size;
	file->out = 0;
	file->in = i;
	spin_unlock_irq(&file->ring_lock);
	kvfree(old);
	return 0;
}

static void close_port(evtchn_port_t port)
{
	struct evtchn_close close = { .port = port };

	HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);
}

/* Take over @port, which is new. With file->mutex. Closes it if that fails. */
static int bind(struct opened *file, evtchn_port_t port)
{
	struct bound *bound = kzalloc(sizeof(*bound), GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	if (!bound || grow_ring(file))
		goto fail;
	bound->file = file;
	bound->port = port;
	/* It is found before its first event. */
	err = xa_err(xa_store(&file->ports, port, bound, GFP_KERNEL_ACCOUNT));
	if (err)
		goto fail;
	err = bind_evtchn_to_irqhandler_lateeoi(port, interrupt, 0, "evtchn", bound);
	if (err < 0) {
		xa_erase(&file->ports, port);
		goto fail;
	}
	WRITE_ONCE(bound->irq, err);
	evtchn_make_refcounted(port);
	file->nr_ports++;
	return port;
fail:
	close_port(port);
	if (bound)
		kfree_rcu(bound, rcu);
	return err;
}

/* With file->mutex. */
static void unbind(struct bound *bound)
{
	struct opened *file = bound->file;
	unsigned int i, to;

	unbind_from_irqhandler(bound->irq, bound);
	xa_erase(&file->ports, bound->port);
	file->nr_ports--;
	spin_lock_irq(&file->ring_lock);
	for (i = to = file->out; i != file->in; i++) {
		evtchn_port_t port = file->ring[i & (file->size - 1)];

		if (port != bound->port)
			file->ring[to++ & (file->size - 1)] = port;
	}
	file->in = to;
	spin_unlock_irq(&file->ring_lock);
	kfree_rcu(bound, rcu);
}

static long bind_virq(struct opened *file, void __user *arg)
{
	struct ioctl_evtchn_bind_virq in;
	struct evtchn_bind_virq bind_virq;
	int err;

	if (file->domain != UNRESTRICTED)
		return -EACCES;
	if (copy_from_user(&in, arg, sizeof(in)))
		return -EFAULT;
	bind_virq.virq = in.virq;
	bind_virq.vcpu = xen_vcpu_nr(0);
	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_virq, &bind_virq);
	return err ?: bind(file, bind_virq.port);
}

static long bind_interdomain(struct opened *file, void __user *arg)
{
	struct ioctl_evtchn_bind_interdomain in;
	struct evtchn_bind_interdomain bind_inter;
	int err;

	if (copy_from_user(&in, arg, sizeof(in)))
		return -EFAULT;
	if (file->domain != UNRESTRICTED && file->domain != in.remote_domain)
		return -EACCES;
	bind_inter.remote_dom = in.remote_domain;
	bind_inter.remote_port = in.remote_port;
	err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &bind_inter);
	return err ?: bind(file, bind_inter.local_port);
}

static long bind_unbound(struct opened *file, void __user *arg)
{
	struct ioctl_evtchn_bind_unbound_port in;
	struct evtchn_alloc_unbound alloc;
	int err;

	if (file->domain != UNRESTRICTED)
		return -EACCES;
	if (copy_from_user(&in, arg, sizeof(in)))
		return -EFAULT;
	alloc.dom = DOMID_SELF;
	alloc.remote_dom = in.remote_domain;
	err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);
	return err ?: bind(file, alloc.port);
}

/* -EINVAL: there is no such port; -ENOTCONN: it is not this file's. */
static struct bound *lookup(struct opened *file, void __user *arg)
{
	struct ioctl_evtchn_unbind in;

	if (copy_from_user(&in, arg, sizeof(in)))
		return ERR_PTR(-EFAULT);
	if (in.port >= xen_evtchn_nr_channels())
		return ERR_PTR(-EINVAL);
	return xa_load(&file->ports, in.port) ?: ERR_PTR(-ENOTCONN);
}

static long restrict_domain(struct opened *file, void __user *arg)
{
	struct ioctl_evtchn_restrict_domid in;

	if (file->domain != UNRESTRICTED)
		return -EACCES;
	if (copy_from_user(&in, arg, sizeof(in)))
		return -EFAULT;
	if (!in.domid || in.domid >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	file->domain = in.domid;
	return 0;
}

static long evtchn_ioctl(struct file *f, unsigned int cmd, unsigned long argument)
{
	void __user *arg = (void __user *)argument;
	struct opened *file = f->private_data;
	struct bound *bound;
	long ret = 0;

	mutex_lock(&file->mutex);
	switch (cmd) {
	case IOCTL_EVTCHN_BIND_VIRQ:
		ret = bind_virq(file, arg);
		break;
	case IOCTL_EVTCHN_BIND_INTERDOMAIN:
		ret = bind_interdomain(file, arg);
		break;
	case IOCTL_EVTCHN_BIND_UNBOUND_PORT:
		ret = bind_unbound(file, arg);
		break;
	case IOCTL_EVTCHN_UNBIND:
		bound = lookup(file, arg);
		if (IS_ERR(bound))
			ret = PTR_ERR(bound);
		else
			unbind(bound);
		break;
	case IOCTL_EVTCHN_NOTIFY:
		bound = lookup(file, arg);
		if (IS_ERR(bound))
			ret = PTR_ERR(bound);
		else
			notify_remote_via_evtchn(bound->port);
		break;
	case IOCTL_EVTCHN_RESET:
		spin_lock_irq(&file->ring_lock);
		file->out = file->in;
		spin_unlock_irq(&file->ring_lock);
		break;
	case IOCTL_EVTCHN_RESTRICT_DOMID:
		ret = restrict_domain(file, arg);
		break;
	default:
		ret = -ENOTTY;
	}
	mutex_unlock(&file->mutex);
	return ret;
}

/* Copy port numbers out, at most @max. With file->mutex, so nobody else takes them. */
static ssize_t take(struct opened *file, char __user *buf, unsigned int max)
{
	unsigned int out = file->out, n = min(READ_ONCE(file->in) - out, max), first;

	/* In one piece to the ring's end, and one from its beginning. */
	first = min(n, file->size - (out & (file->size - 1)));
	if (copy_to_user(buf, &file->ring[out & (file->size - 1)], first * sizeof(*file->ring)) ||
	    copy_to_user(buf + first * sizeof(*file->ring), file->ring,
			 (n - first) * sizeof(*file->ring)))
		return -EFAULT;
	spin_lock_irq(&file->ring_lock);
	file->out += n;
	spin_unlock_irq(&file->ring_lock);
	return n * sizeof(*file->ring);
}

static ssize_t evtchn_read(struct file *f, char __user *buf, size_t count, loff_t *pos)
{
	struct opened *file = f->private_data;
	unsigned int max = min_t(size_t, count, PAGE_SIZE) / sizeof(*file->ring);
	ssize_t ret;

	if (!max)
		return 0;
	for (;;) {
		mutex_lock(&file->mutex);
		ret = READ_ONCE(file->in) != file->out ? take(file, buf, max) : -EAGAIN;
		mutex_unlock(&file->mutex);
		if (ret != -EAGAIN || (f->f_flags & O_NONBLOCK))
			return ret;
		if (wait_event_interruptible(file->wait,
					     READ_ONCE(file->in) != READ_ONCE(file->out)))
			return -ERESTARTSYS;
	}
}

/* The program is done with @port's last event. */
static void unmask(struct opened *file, evtchn_port_t port)
{
	struct bound *bound;
	bool was = false;

	rcu_read_lock();
	bound = xa_load(&file->ports, port);
	if (bound) {
		spin_lock_irq(&file->ring_lock);
		was = bound->pending;
		bound->pending = false;
		spin_unlock_irq(&file->ring_lock);
		if (was)
			xen_irq_lateeoi(READ_ONCE(bound->irq), 0);
	}
	rcu_read_unlock();
}

static ssize_t evtchn_write(struct file *f, const char __user *buf, size_t count, loff_t *pos)
{
	struct opened *file = f->private_data;
	unsigned int n = min_t(size_t, count, PAGE_SIZE) / sizeof(evtchn_port_t), i;
	evtchn_port_t *ports;

	if (!n)
		return 0;
	ports = memdup_user(buf, n * sizeof(*ports));
	if (IS_ERR(ports))
		return PTR_ERR(ports);
	mutex_lock(&file->mutex);
	for (i = 0; i < n; i++)
		unmask(file, ports[i]);
	mutex_unlock(&file->mutex);
	kfree(ports);
	return n * sizeof(*ports);
}

static __poll_t evtchn_poll(struct file *f, poll_table *table)
{
	struct opened *file = f->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	poll_wait(f, &file->wait, table);
	if (READ_ONCE(file->in) != READ_ONCE(file->out))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask;
}

static int evtchn_fasync(int fd, struct file *f, int on)
{
	struct opened *file = f->private_data;

	return fasync_helper(fd, f, on, &file->async);
}

static int evtchn_open(struct inode *inode, struct file *f)
{
	struct opened *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return -ENOMEM;
	mutex_init(&file->mutex);
	xa_init(&file->ports);
	file->domain = UNRESTRICTED;
	spin_lock_init(&file->ring_lock);
	init_waitqueue_head(&file->wait);
	f->private_data = file;
	return stream_open(inode, f);
}

static int evtchn_release(struct inode *inode, struct file *f)
{
	struct opened *file = f->private_data;
	struct bound *bound;
	unsigned long port;

	mutex_lock(&file->mutex);
	xa_for_each(&file->ports, port, bound)
		unbind(bound);
	mutex_unlock(&file->mutex);
	xa_destroy(&file->ports);
	kvfree(file->ring);
	kfree(file);
	return 0;
}

static const struct file_operations evtchn_fops = {
	.owner = THIS_MODULE,
	.open = evtchn_open,
	.release = evtchn_release,
	.read = evtchn_read,
	.write = evtchn_write,
	.poll = evtchn_poll,
	.fasync = evtchn_fasync,
	.unlocked_ioctl = evtchn_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = no_llseek,
};

static struct miscdevice evtchn_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "xen/evtchn",
	.fops = &evtchn_fops,
};

static int __init evtchn_init(void)
{
	return xen_domain() ? misc_register(&evtchn_device) : -ENODEV;
}

static void __exit evtchn_exit(void)
{
	misc_deregister(&evtchn_device);
}

module_init(evtchn_init);
module_exit(evtchn_exit);
MODULE_DESCRIPTION("Xen event channels for programs");
MODULE_LICENSE("GPL");
