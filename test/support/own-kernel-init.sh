#!/bin/bash
# Process 1 of the kernel that own-kernel.sh starts: mounts what a machine has, makes a control group that belongs to the user as the kernel's
# cgroup-v2 document ("Delegation") describes it, and runs `npm test -- --built` in it. `own_user` and `own_tests` (comma separated) come from the
# kernel's command line; the first disk holds the tree.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
groups=/sys/fs/cgroup
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs tmpfs /run
mkdir -p /dev/pts /dev/shm /tmp/disk
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t cgroup2 none $groups
mount /dev/ubda /tmp/disk
busybox insmod "/usr/lib/uml/modules/$(uname -r)/kernel/fs/overlayfs/overlay.ko"
dmesg -n 1
echo '+memory +cpu +pids' >$groups/cgroup.subtree_control
mkdir -p $groups/given/tests
echo '+memory +cpu +pids' >$groups/given/cgroup.subtree_control
for file in $groups/given{,/tests}{,/cgroup.procs,/cgroup.threads,/cgroup.subtree_control}; do chown "$own_user" "$file"; done
echo "Linux $(uname -r) with the controllers $(cat $groups/given/cgroup.controllers)"
cd /tmp/disk/tree && mkdir -p ../tmp && chown "$own_user:" ../tmp
(
	echo 0 >$groups/given/tests/cgroup.procs
	# shellcheck disable=SC2086
	exec setpriv --reuid="$own_user" --regid="$(id -g "$own_user")" --init-groups \
		env HOME=/tmp/disk/tmp USER="$own_user" LOGNAME="$own_user" TMPDIR=/tmp/disk/tmp CI="$own_ci" npm test -- --built ${own_tests//,/ } </dev/null
) 2>&1
sync
echo o >/proc/sysrq-trigger
sleep 10
