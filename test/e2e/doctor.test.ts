import test from 'ava';
import {chmodSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import type {DoctorReport, Finding} from '../../src/executor/doctor.ts';
import {afterScript} from '../support/environments.ts';
import {never} from '../support/requirement.ts';
import {debianProgram, manyIds, notRoot, root, subordinateIds} from '../support/requirements.ts';
import {writeStockContainer} from '../support/stock-container.ts';
import {topFolder} from '../support/top.ts';
import {when} from '../support/when.ts';
import {boxbuildProgram, type Ended, runProgram, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

/** A directory that anybody can make a store in. */
function open(): string {
	const directory = place.fresh('doctor');
	mkdirSync(directory);
	chmodSync(place.directory, 0o755);
	chmodSync(directory, 0o777);
	return directory;
}

const doctor = (store: string): readonly string[] => [process.execPath, boxbuildProgram, 'doctor', '--json', '--store', store];

async function examine(under: readonly string[], store: string): Promise<{readonly ended: Ended; readonly report: DoctorReport}> {
	const ended = await runProgram(doctor(store), {under});
	return {ended, report: JSON.parse(ended.stdout) as DoctorReport};
}

function find({findings}: DoctorReport, probe: string): Finding | undefined {
	return findings.find((finding) => finding.probe === probe);
}

/** As somebody who is not root of the namespace of the test. */
const asNobody = 'set -- setpriv --reuid 4242 --regid 4242 --clear-groups "$@"';

test.serial('every combination is tried, the best is named, and nothing stays in the store', async (t) => {
	const directory = open();
	const {ended, report} = await examine([], `${directory}/store`);
	t.is(ended.code, 0, ended.stderr);
	t.is(report.choice?.driver, 'overlay');
	t.true(report.choice?.isConfined);
	t.true(find(report, `ids: ${report.choice?.ids}, driver: copy`)?.works);
	t.regex(find(report, 'store')?.facts.join('\n') ?? '', /is on \w+\n[\d.]+ [TGM]B are free/v);
	for (const {works, probe, instead} of report.findings)
		if (!works && probe.startsWith('ids: ')) t.regex(instead ?? '', /^ids: \w+, driver: overlay$/v);
	const {stdout} = await runProgram([
		'find',
		`${directory}/store/run`,
		`${directory}/store/layers`,
		'-mindepth',
		'1',
		'-not',
		'-name',
		'.lock',
	]);
	t.is(stdout, '');
});

test.serial('without --json the same is text', async (t) => {
	const {stdout} = await runProgram(doctor(`${open()}/store`).filter((word) => word !== '--json'));
	t.regex(stdout, /^yes {2}user namespaces\n {7}nothing in the settings/v);
	t.regex(stdout, /\n\na build here uses ids: \w+, driver: overlay\n$/v);
});

when(subordinateIds, 'user namespaces are forbidden by number: nothing works for somebody else than root, exit code 3', async (t) => {
	const directory = open();
	const {ended, report} = await examine(
		afterScript(directory, `echo 0 > /proc/sys/user/max_user_namespaces\n${asNobody}`),
		`${directory}/store`,
	);
	t.is(ended.code, 3);
	t.is(report.choice, undefined);
	t.deepEqual(find(report, 'user namespaces')?.facts, ['user.max_user_namespaces is 0']);
	t.regex(find(report, 'user namespaces')?.remedy ?? '', /sysctl -w user\.max_user_namespaces=/v);
	t.regex(find(report, 'ids: single')?.facts.join('\n') ?? '', /making namespaces: the kernel answers ENOSPC/v);
	t.regex(ended.stderr, /error\[env\/nothing-works\]/v);
});

when(subordinateIds, 'newuidmap is missing: one id instead', async (t) => {
	const directory = open();
	const under = afterScript(directory, `mount --bind /dev/null /usr/bin/newuidmap\n${asNobody}`);
	const {report} = await examine(under, `${directory}/store`);
	t.like(find(report, 'ids: multi'), {
		works: false,
		facts: ['newuidmap is not installed (Debian package uidmap)'],
		instead: 'ids: single, driver: overlay',
	});
	t.regex(find(report, 'ids: multi')?.remedy ?? '', /apt-get install uidmap/v);
});

when(subordinateIds, 'newuidmap is not allowed to do its work: one id instead, and the build goes on', async (t) => {
	const directory = open();
	const under = ['setpriv', '--no-new-privs', '--'];
	const {report} = await examine(under, `${directory}/store`);
	t.deepEqual(report.choice, {ids: 'single', driver: 'overlay', isConfined: true});
	t.regex(find(report, 'ids: multi')?.facts.join('\n') ?? '', /newuidmap/v);
	t.regex(find(report, 'user namespaces')?.facts.join('\n') ?? '', /no_new_privs is set/v);
});

when(manyIds, 'something covers a part of /proc', async (t) => {
	const directory = open();
	const {report} = await examine(afterScript(directory, `mount --bind /dev/null /proc/cpuinfo\n${asNobody}`), `${directory}/store`);
	const found = find(report, 'ids: single, driver: overlay');
	t.true(found?.works);
	t.regex(found?.facts.join('\n') ?? '', /making a \/proc of its own: the kernel answers EPERM, so steps see the processes around them/v);
});

test.serial('the store is on an overlay', async (t) => {
	const directory = open();
	const script = `mkdir ${directory}/memory ${directory}/lower ${directory}/merged
mount -t tmpfs none ${directory}/memory
mkdir ${directory}/memory/upper ${directory}/memory/work
mount -t overlay -o userxattr,lowerdir=${directory}/lower,upperdir=${directory}/memory/upper,workdir=${directory}/memory/work none ${directory}/merged`;
	const {report} = await examine(afterScript(directory, script), `${directory}/merged/store`);
	t.deepEqual(report.choice, {ids: 'root', driver: 'overlay-tmpfs', isConfined: true});
	t.true(find(report, 'store')?.facts[0]?.endsWith('is on overlayfs'));
	t.like(find(report, 'ids: root, driver: overlay'), {
		works: false,
		instead: 'ids: root, driver: overlay-tmpfs',
		remedy: 'put the store on ext4, xfs, btrfs or tmpfs with --store DIR',
	});
});

test.serial('the disk of the store is small', async (t) => {
	const directory = open();
	const {report} = await examine(
		afterScript(directory, `mkdir ${directory}/small\nmount -t tmpfs -o size=50m none ${directory}/small`),
		`${directory}/small/store`,
	);
	t.false(find(report, 'store')?.works);
	t.regex(find(report, 'store')?.facts[1] ?? '', /^\d+\.\d MB are free, less than 1 GB free$/v);
	t.regex(find(report, 'store')?.remedy ?? '', /make room/v);
});

test.serial('the store is on a file system that is mounted noexec: nothing works, and it is said what helps', async (t) => {
	const directory = open();
	const script = `mkdir ${directory}/still\nmount -t tmpfs -o noexec none ${directory}/still`;
	const {report, ended} = await examine(afterScript(directory, script), `${directory}/still/store`);
	t.is(ended.code, 3);
	t.is(report.choice, undefined);
	const finding = find(report, 'ids: root');
	t.regex(finding?.facts.join() ?? '', /the store lets no program run \(posix_spawn: EACCES/v);
	t.is(finding?.remedy, 'put the store on a file system that is not mounted noexec, with --store DIR');
});

when(root, 'root of a container with default settings: copies, and no namespaces', async (t) => {
	const directory = open();
	const [node = '', ...rest] = doctor(`${directory}/store`);
	writeStockContainer(`${directory}/container`, [node, ...rest], {PATH: process.env['PATH'] ?? '', HOME: '/'});
	const {code, stdout} = await runProgram([`${directory}/container`]);
	const report = JSON.parse(stdout) as DoctorReport;
	t.is(code, 0);
	t.deepEqual(report.choice, {ids: 'root', driver: 'copy', isConfined: false});
	t.deepEqual(find(report, 'ids: root, driver: overlay')?.facts, ['without namespaces nothing can be mounted']);
});

when(notRoot, 'somebody else in a container with default settings: nothing works', async (t) => {
	const directory = open();
	const [node = '', ...rest] = doctor(`${directory}/store`);
	writeStockContainer(`${directory}/container`, [node, ...rest], {PATH: process.env['PATH'] ?? '', HOME: '/'}, {noNewPrivileges: true});
	const {code, stdout} = await runProgram([`${directory}/container`]);
	const report = JSON.parse(stdout) as DoctorReport;
	t.is(code, 3);
	t.true(find(report, 'user namespaces')?.facts.includes('a seccomp filter is in force (as in a container)'));
	t.regex(find(report, 'ids: single')?.facts.join('\n') ?? '', /making namespaces: the kernel answers EPERM/v);
});

const chroot = process.getuid?.() === 0 ? root : never('chroot takes root', 'run the tests as root');

when([chroot, debianProgram('setpriv', 'util-linux')], 'somebody else in a plain chroot: nothing works, and it is said why', async (t) => {
	const directory = open();
	for (const name of ['proc', 'dev', 'tmp', 'usr', 'etc']) mkdirSync(`${directory}/root/${name}`, {recursive: true});
	for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, `${directory}/root/${name}`);
	chmodSync(`${directory}/root/tmp`, 0o777);
	const binds = ['/proc', '/dev', '/usr', '/etc', topFolder()].map(
		(path) => `mkdir -p ${directory}/root${path} && mount --rbind ${path} ${directory}/root${path}`,
	);
	writeFileSync(`${directory}/binds`, '');
	const under = afterScript(
		directory,
		`${binds.join('\n')}\nset -- chroot ${directory}/root setpriv --reuid 4242 --regid 4242 --clear-groups "$@"`,
	);
	const {ended, report} = await examine(under, '/tmp/store');
	t.is(ended.code, 3);
	t.regex(find(report, 'user namespaces')?.facts.join('\n') ?? '', /in a chroot/v);
	t.regex(find(report, 'user namespaces')?.remedy ?? '', /pivot_root/v);
});
