import test from 'ava';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {lockDirectory} from '../../src/host/lock.ts';
import {makeStepGroup} from '../../src/isolation/control-group.ts';
import {findHome, processFamily} from '../../src/isolation/control-group-home.ts';
import {notRoot} from '../support/requirements.ts';
import {when} from '../support/when.ts';

/** Directories with the files that a control group has: what the kernel would do with what is written there does not happen. */
const top = mkdtempSync(`${tmpdir()}/boxbuild-groups-`);
test.after.always(() => rmSync(top, {recursive: true}));

let count = 0;

function group(path: string, {offered = '', on = '', members = ''}: {offered?: string; on?: string; members?: string}): void {
	mkdirSync(path, {recursive: true});
	writeFileSync(`${path}/cgroup.controllers`, `${offered}\n`);
	writeFileSync(`${path}/cgroup.subtree_control`, `${on}\n`);
	writeFileSync(`${path}/cgroup.procs`, members);
}

function fresh(): string {
	return `${top}/${count++}`;
}

test('a group around the own one that gives its controllers away is used as it is', (t) => {
	const mountpoint = fresh();
	group(`${mountpoint}/ci/tests`, {offered: 'memory pids', members: `${process.pid}\n`});
	group(`${mountpoint}/ci`, {offered: 'cpu memory pids', on: 'memory pids'});
	group(mountpoint, {offered: 'cpu memory pids', on: 'memory pids'});
	const {home} = findHome({mountpoint, own: '/ci/tests'}, ['memory', 'pids'], []);
	t.deepEqual(home, {directory: `${mountpoint}/ci`, controllers: ['memory', 'pids']});
});

test('what is missing is said for every controller', (t) => {
	const mountpoint = fresh();
	group(mountpoint, {offered: 'hugetlb pids', on: 'pids'});
	const {home, facts} = findHome({mountpoint, own: '/'}, ['memory', 'cpu', 'pids'], []);
	t.deepEqual(home?.controllers, ['pids']);
	t.deepEqual(facts, [`${mountpoint} has no memory controller`, `${mountpoint} has no cpu controller`]);
});

test('strangers in the group are left alone', (t) => {
	const mountpoint = fresh();
	group(`${mountpoint}/x.scope`, {offered: 'pids', members: `${process.pid}\n1\n`});
	group(mountpoint, {});
	const {home, facts} = findHome({mountpoint, own: '/x.scope'}, ['pids'], [process.pid]);
	t.is(home, undefined);
	t.deepEqual(facts, [`${mountpoint}/x.scope has processes that have nothing to do with this build: 1`]);
	t.false(existsSync(`${mountpoint}/x.scope/boxbuild`));
});

test('nobody moves when the own group would not have more either', (t) => {
	const mountpoint = fresh();
	group(`${mountpoint}/ci/tests`, {offered: 'pids', members: `${process.pid}\n`});
	group(`${mountpoint}/ci`, {offered: 'pids', on: 'pids'});
	group(mountpoint, {});
	const {home} = findHome({mountpoint, own: '/ci/tests'}, ['memory', 'pids'], [process.pid]);
	t.deepEqual(home, {directory: `${mountpoint}/ci`, controllers: ['pids']});
	t.false(existsSync(`${mountpoint}/ci/tests/boxbuild`));
});

when(notRoot, 'a group of somebody else is not used', (t) => {
	const mountpoint = fresh();
	group(mountpoint, {offered: 'pids', on: 'pids'});
	rmSync(`${mountpoint}/cgroup.procs`);
	writeFileSync(`${mountpoint}/cgroup.procs`, '', {mode: 0o444});
	const {home, facts} = findHome({mountpoint, own: '/'}, ['pids'], []);
	t.is(home, undefined);
	t.deepEqual(facts, [`this user may not change ${mountpoint} (EACCES)`]);
});

test('the family of a process ends with the first one', (t) => {
	const family = processFamily();
	t.is(family[0], process.pid);
	t.is(family[1], process.ppid);
	t.is(new Set(family).size, family.length);
});

test('a step gets the limits whose controllers there are, and tells what happened', (t) => {
	const directory = fresh();
	const limits = {memory: 64 * 1024 ** 2, cpus: 1.5, pids: 20};
	const made = makeStepGroup(directory, limits, ['memory', 'cpu']);
	t.is(readFileSync(`${directory}/memory.max`, 'utf8'), '67108864');
	t.is(readFileSync(`${directory}/cpu.max`, 'utf8'), '150000 100000');
	t.false(existsSync(`${directory}/pids.max`));
	t.is(made.members, `${directory}/cgroup.procs`);
	t.deepEqual(made.hits(), {memory: 0, pids: 0});
	writeFileSync(`${directory}/memory.events`, 'low 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n');
	writeFileSync(`${directory}/pids.events`, 'max 7\n');
	t.deepEqual(made.hits(), {memory: 2, pids: 7});
	t.false(readdirSync(directory).includes('memory.swap.max'), 'it is written only where the kernel has it');
});

test('a directory can be locked once', (t) => {
	const directory = fresh();
	mkdirSync(directory, {recursive: true});
	const lock = lockDirectory(directory);
	t.is(lockDirectory(directory), undefined);
	lock?.release();
	const again = lockDirectory(directory);
	t.truthy(again);
	again?.release();
	t.throws(() => lockDirectory(`${directory}/none`), {code: 'ENOENT'});
});
