import test from 'ava';
import {readFileSync, readlinkSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {callProbe, foreignCalls} from '../support/call-probe.ts';
import {fuse, hasProgram} from '../support/requirements.ts';
import {met, missing} from '../support/requirement.ts';
import {when} from '../support/when.ts';
import {printedBy, type Files, type RunOptions, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

type Test = Parameters<Workplace['built']>[0];

interface Options extends RunOptions {
	readonly files?: Files;
	readonly args?: readonly string[];
}

/** What a command prints in a step on busybox. */
async function printed(t: Test, command: string, {files = {}, args = [], ...options}: Options = {}): Promise<string> {
	const tar = place.fresh('out.tar');
	const copies = Object.keys(files).length === 0 ? '' : 'COPY probes /probes\n';
	await place.built(t, busyboxFiles(`${copies}RUN { ${command}; } > /out 2>&1\n`, files), ['-o', `type=tar,dest=${tar}`, ...args], options);
	return printedBy(['tar', '-xOf', tar, 'out']);
}

const newUser = 0x1000_0000;
const notPermitted = 1;
const noSuchCall = 38;

/** System calls by a name of their own, with arguments that make them more than a mistake. */
const probes: Readonly<Record<string, Buffer>> = Object.fromEntries([
	...foreignCalls.map((call) => [call, callProbe(call)] as const),
	...[
		'mount',
		'umount2',
		'pivot_root',
		'setns',
		'open_tree',
		'move_mount',
		'fsopen',
		'fsconfig',
		'fsmount',
		'mount_setattr',
		'sethostname',
	].map((call) => [call, callProbe(call)] as const),
	...(
		[
			['user', newUser],
			['mount', 0x2_0000],
			['pid', 0x2000_0000],
			['net', 0x4000_0000],
			['group', 0x200_0000],
		] as const
	).flatMap(([name, flag]) => [
		[`unshare-${name}`, callProbe('unshare', flag)] as const,
		[`clone-${name}`, callProbe('clone', flag | 17, 0, 0, 0, 0)] as const,
	]),
	['clone3', callProbe('clone3')],
	['socket-of-the-hypervisor', callProbe('socket', 40, 1, 0)],
]);

for (const ids of ['as the builder is', 'with one id']) {
	// A store keeps to the ids that it was begun with.
	const args = ids === 'with one id' && process.getuid?.() !== 0 ? ['--ids', 'single', '--store', place.fresh('store')] : [];
	when(busybox, `calls that lead out of the sandbox are refused: ${ids}`, async (t) => {
		const files = Object.fromEntries(Object.entries(probes).map(([name, program]) => [`probes/bin/${name}`, program]));
		const errno = 'od -A n -t d8 -N 8 /report | tr -d " "';
		const each = `for p in /probes/bin/*; do $p 3> /report; echo "\${p##*/} $(${errno})"; done`;
		const lines = (await printed(t, each, {files, args})).trim().split('\n');
		const found = Object.fromEntries(lines.map((line) => line.split(' ')).map(([name = '', number = '']) => [name, -Number(number)]));
		const expected = Object.keys(probes).map((name) => [name, name === 'clone3' ? noSuchCall : notPermitted]);
		t.deepEqual(found, Object.fromEntries(expected));
	});
}

when(busybox, 'namespaces are of its own but for the network, and that with --network none', async (t) => {
	const names = ['mnt', 'pid', 'ipc', 'uts', 'net', 'user'];
	const look = `for n in ${names.join(' ')}; do echo $n $(readlink /proc/self/ns/$n); done`;
	const differ = async (args: readonly string[]): Promise<readonly string[]> =>
		(await printed(t, look, {args}))
			.trim()
			.split('\n')
			.map((line) => line.split(' '))
			.filter(([name = '', link]) => link !== readlinkSync(`/proc/self/ns/${name}`))
			.map(([name = '']) => name);
	const user = process.getuid?.() === 0 ? [] : ['user'];
	t.deepEqual(await differ([]), ['mnt', 'pid', 'ipc', 'uts', ...user]);
	t.deepEqual(await differ(['--network', 'none']), ['mnt', 'pid', 'ipc', 'uts', 'net', ...user]);
});

when(busybox, 'nothing of the builder is in the environment or the process list', async (t) => {
	const env = {BUILDER_TOKEN: 'hush-hush', LD_PRELOAD: '', http_proxy: 'http://nowhere.test:1'};
	const out = await printed(t, 'ps -o pid,args; echo --; tr "\\0" "\\n" < /proc/1/environ; env', {env});
	const [processes = '', environment = ''] = out.split('--\n');
	t.deepEqual(
		processes
			.trim()
			.split('\n')
			.map((line) => Number(line.trim().split(' ')[0]))
			.filter(Boolean)
			.slice(0, 1),
		[1],
	);
	t.true(processes.split('\n').length <= 5, processes);
	t.notRegex(processes, /node|worker|boxbuild/v);
	t.notRegex(environment, /hush|BUILDER|NODE|proxy|LD_/iv);
	t.regex(environment, /^PATH=\/bin$/mv);
});

for (const driver of ['overlay', 'fuse'] as const) {
	when(driver === 'fuse' ? [busybox, fuse] : busybox, `exactly three descriptors are open, whatever is mounted: ${driver}`, async (t) => {
		const mounts = '--mount=type=cache,target=/c --mount=type=tmpfs,target=/t --mount=type=secret,id=s --mount=type=bind,target=/b';
		const tar = place.fresh('out.tar');
		const boxfile = busyboxFiles(`RUN ${mounts} sleep 1 & ls -l /proc/$!/fd | sed -n 's/.* \\([0-9]*\\) -> /\\1 /p' > /out\n`);
		await place.built(t, boxfile, ['--driver', driver, '--secret', 'id=s,env=S', '-o', `type=tar,dest=${tar}`], {env: {S: 'x'}});
		t.regex(await printedBy(['tar', '-xOf', tar, 'out']), /^0 \/dev\/null\n1 pipe:\[\d+\]\n2 pipe:\[\d+\]\n$/v);
	});
}

const hidden = ['kcore', 'keys', 'latency_stats', 'timer_list', 'timer_stats', 'sched_debug', 'interrupts'].map((name) => `/proc/${name}`);
const emptied = ['/proc/acpi', '/proc/scsi', '/proc/asound', '/sys/firmware', '/sys/devices/virtual/powercap'];

when(busybox, 'what Docker hides is empty, and what it makes read-only cannot be written', async (t) => {
	const files = `for f in ${hidden.join(' ')}; do [ ! -e $f ] || head -c 100 $f; done`;
	const directories = `for d in ${emptied.join(' ')} /sys/devices/system/cpu/cpu*/thermal_throttle; do [ ! -d $d ] || ls -A $d; done`;
	t.is(await printed(t, `${files}; ${directories}`), '');
	const settings = ['/proc/sys/kernel/randomize_va_space', '/proc/sys/vm/swappiness', '/proc/sysrq-trigger', '/sys/kernel/mm/ksm/run'];
	const write = `for f in ${settings.join(' ')}; do [ ! -e $f ] || echo 0 > $f; done; echo > /sys/x; true`;
	for (const args of [[], ['--network', 'none']]) {
		const lines = (await printed(t, write, {args})).trim().split('\n');
		t.true(lines.length >= 4);
		t.is(await printed(t, 'for d in bus fs irq sys; do grep -c " /proc/$d proc ro," /proc/mounts; done', {args}), '1\n1\n1\n1\n');
		// The machine's root owns some of it: whoever is not that is stopped before.
		const refused = process.getuid?.() === 0 ? /Read-only file system$/v : /(?:Read-only file system|Permission denied)$/v;
		for (const line of lines) t.regex(line, refused);
	}
});

when(busybox, 'capabilities are those that Docker gives, also to programs that a user could gain them by', async (t) => {
	const out = await printed(t, "sed -n 's/^\\(Cap[A-Z][a-z]*\\):\\t0*/\\1 /p' /proc/self/status | sed 's/ $//'");
	t.deepEqual(out.trim().split('\n').sort(), ['CapAmb', 'CapBnd a80425fb', 'CapEff a80425fb', 'CapInh', 'CapPrm a80425fb']);
});

when(busybox, '/dev/shm, /dev/mqueue and /dev/pts are new and can be written; devices of the machine are not there', async (t) => {
	const mounts = 'grep -E " /dev(/(pts|shm|mqueue))? " /proc/mounts | cut -d " " -f 2,3 | sort -u';
	const out = await printed(t, `echo a > /dev/shm/a && cat /dev/shm/a; echo $(ls /dev); echo $(ls /dev/pts); ${mounts}`);
	t.deepEqual(out.trim().split('\n'), [
		'a',
		'fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero',
		'ptmx',
		'/dev tmpfs',
		'/dev/mqueue mqueue',
		'/dev/pts devpts',
		'/dev/shm tmpfs',
	]);
});

when(busybox, 'a program can open its output again', async (t) => {
	const boxfile = busyboxFiles(
		'USER app\nRUN echo one > /dev/stdout; echo two | tee /dev/stderr > /dev/null; echo three >> /proc/self/fd/2\n',
	);
	const {stderr} = await place.built(t, boxfile, ['--progress', 'plain']);
	for (const word of ['one', 'two', 'three']) t.regex(stderr, new RegExp(`\\| ${word}$`, 'mv'));
});

const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
const showProxies = 'env | grep -i proxy | sort';
const address = 'http://someone:pa55word@proxy.test:3128';

when(busybox, 'proxies of the builder do not reach a step, those of --build-arg do', async (t) => {
	const env = Object.fromEntries(proxies.map((name) => [name, address]));
	t.is(await printed(t, `${showProxies} || true`, {env}), '');
	for (const name of proxies) {
		const both = [name.toUpperCase(), name.toLowerCase()].map((spelling) => `${spelling}=${address}\n`).join('');
		t.is(await printed(t, showProxies, {args: ['--no-cache', '--build-arg', `${name}=${address}`]}), both);
	}
	// Without a value it is the builder's: that is asked for then.
	t.regex(
		await printed(t, showProxies, {env, args: ['--no-cache', '--build-arg', 'http_proxy']}),
		/^HTTP_PROXY=[^\n]*\nhttp_proxy=[^\n]*\n$/v,
	);
});

when(busybox, 'a proxy that is not declared is in no key, no history and no environment of the image; a declared one is', async (t) => {
	const files = (declared: string): Files => busyboxFiles(`${declared}RUN cat /proc/sys/kernel/random/uuid > /out\n`);
	const build = async (name: string, declared: string, value: string): Promise<string> => {
		const {stderr} = await place.built(t, files(declared), ['-t', name, '--progress', 'plain', '--build-arg', `http_proxy=${value}`]);
		return /RUN cat .* (cached|done)/v.exec(stderr)?.[1] ?? stderr;
	};
	t.is(await build('undeclared', '', address), 'done');
	t.is(await build('undeclared', '', 'http://other.test'), 'cached');
	const image = async (name: string): Promise<string> =>
		(await place.boxbuild(['inspect', name])).stdout + (await place.boxbuild(['history', name])).stdout;
	t.notRegex(await image('undeclared'), /proxy/iv);
	t.is(await build('declared', 'ARG http_proxy\n', address), 'done');
	t.is(await build('declared', 'ARG http_proxy\n', 'http://other.test'), 'done');
	t.regex(await image('declared'), /http_proxy=http:\/\/other\.test/v);
	t.notRegex((await place.boxbuild(['inspect', 'declared'])).stdout, /"Env"[^\]]*proxy/iv);
});

const terminal = hasProgram('script') ? met : missing('script is not installed', 'apt-get install bsdutils');

when([busybox, terminal], 'the terminal of the person who builds cannot be reached', async (t) => {
	const look =
		'for n in 0 1 2; do test -t $n && echo terminal $n; done; echo hello > /dev/tty; tty; sed "s/.*) [A-Z] //" /proc/1/stat | cut -d " " -f 4';
	const under = ['sh', '-c', 'exec script -qec "$*" /dev/null', 'sh'];
	const out = await printed(t, look, {under, args: ['--progress', 'plain']});
	t.deepEqual(out.trim().split('\n'), ["/bin/sh: can't create /dev/tty: No such device or address", 'not a tty', '0']);
});

when(busybox, 'ping reaches the loopback interface, of the host and of the step', async (t) => {
	const ping = 'ping -c 1 -W 2 127.0.0.1 | grep -o "1 packets received"';
	t.regex(await printed(t, ping, {args: ['--network', 'none']}), /1 packets received/v);
	const range = readFileSync('/proc/sys/net/ipv4/ping_group_range', 'utf8').trim();
	const out = await printed(t, `${ping} || true`);
	// As an ordinary user the step has no right to raw sockets of the host's network, so the kernel's setting decides.
	if (process.getuid?.() === 0) t.regex(out, /1 packets received/v);
	else t.regex(out, range.startsWith('1\t0') ? /permission denied/v : /1 packets received|permission denied/v);
});
