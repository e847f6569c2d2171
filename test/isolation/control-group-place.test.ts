import test from 'ava';
import {findControlGroup, groupsAround} from '../../src/isolation/control-group-place.ts';

const unified = '31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate';
const hybrid = `31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw`;

test('the own group of a machine that has the unified hierarchy only, or beside the old ones', (t) => {
	t.deepEqual(findControlGroup(unified, '0::/a/b.scope\n'), {mountpoint: '/sys/fs/cgroup', own: '/a/b.scope'});
	t.deepEqual(findControlGroup(hybrid, '8:pids:/x\n0::/\n'), {mountpoint: '/sys/fs/cgroup/unified', own: '/'});
});

test('a part of the hierarchy that is mounted in a container', (t) => {
	const part = '31 23 0:28 /docker/abc /sys/fs/my\\040groups rw - cgroup2 cgroup rw';
	t.deepEqual(findControlGroup(part, '0::/docker/abc\n'), {mountpoint: '/sys/fs/my groups', own: '/'});
	t.deepEqual(findControlGroup(part, '0::/docker/abc/in/it\n'), {mountpoint: '/sys/fs/my groups', own: '/in/it'});
	t.is(findControlGroup(part, '0::/docker/abcdef\n'), undefined);
});

test('no unified hierarchy, or a place outside of it', (t) => {
	t.is(findControlGroup('39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids', '8:pids:/x\n'), undefined);
	t.is(findControlGroup(unified, '8:pids:/x\n'), undefined);
	t.is(findControlGroup(unified, '0::/../other\n'), undefined);
});

test('groups are made in the own one and those around it, never in a slice of systemd nor above a unit', (t) => {
	t.deepEqual(groupsAround('/'), ['/']);
	t.deepEqual(groupsAround('/ci/tests'), ['/ci/tests', '/ci', '/']);
	t.deepEqual(groupsAround('/user.slice/user-1.slice/user@1.service/app.slice/run-1.scope/boxbuild'), [
		'/user.slice/user-1.slice/user@1.service/app.slice/run-1.scope/boxbuild',
		'/user.slice/user-1.slice/user@1.service/app.slice/run-1.scope',
		'/',
	]);
	t.deepEqual(groupsAround('/user.slice'), ['/']);
});
