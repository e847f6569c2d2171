import test, {type ExecutionContext} from 'ava';
import {chmodSync, mkdirSync, mkdtempSync, symlinkSync} from 'node:fs';
import {afterScript} from '../support/environments.ts';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {debianProgram, manyIds, notRoot, root} from '../support/requirements.ts';
import {writeStockContainer} from '../support/stock-container.ts';
import {topFolder} from '../support/top.ts';
import {when} from '../support/when.ts';
import {boxbuildProgram, runProgram, type Ended, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

/** Steps that add, change, link, delete and rename; the same everywhere. */
const files = busyboxFiles(
	`RUN mkdir -p /d/e && echo a > /d/a && echo b > /d/b && ln /d/a /d/h && ln -s a /d/l && echo s > /d/s && chmod 4755 /d/s && mkfifo /d/p
RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --mount=type=bind,source=etc,target=/etc/more echo > /c/x && echo > /t/x && test -f /etc/more/passwd
RUN rm /d/b && echo more >> /d/h && mv /d/l /d/e/ && touch /etc/passwd
COPY etc/group /d/e/group
RUN rm -r /d/e && mkdir /d/e && echo n > /d/e/n && ln /d/e/n /d/n && rm /d/p
RUN rm -r /d/e /d/n
`,
);
const context = place.context(files);
let known: string | undefined;

async function expected(t: ExecutionContext): Promise<string> {
	known ??= await place.digest(t, context);
	return known;
}

/** Builds in an environment with an empty store, `under` a command. */
async function buildUnder(
	under: readonly string[],
	store: string,
	args: readonly string[] = [],
	env: Record<string, string> = {},
): Promise<Ended> {
	const command = [process.execPath, boxbuildProgram, 'build', context, '--store', store, '--progress', 'plain', ...args];
	return runProgram(command, {under, env});
}

/** The same image as without the environment, and what the first line says. */
async function isSame(t: ExecutionContext, ended: Ended, line: RegExp): Promise<void> {
	t.is(ended.code, 0, ended.stderr);
	t.regex(ended.stderr, line);
	t.is(/image (sha256:\w+)/v.exec(ended.stdout)?.[1], await expected(t), ended.stderr);
}

when([busybox, notRoot], 'an ordinary user with one id', async (t) => {
	await isSame(t, await buildUnder([], place.fresh('store'), ['--ids', 'single']), /^steps run with the overlay driver and one user id/v);
});

when([busybox, root], 'root of a container with default settings: nothing can be mounted, so files are copied', async (t) => {
	const file = place.fresh('container');
	const store = place.fresh('store');
	const environment = {PATH: process.env['PATH'] ?? '', HOME: '/'};
	writeStockContainer(file, [process.execPath, boxbuildProgram, 'build', context, '--store', store, '--progress', 'plain'], environment);
	const ended = await runProgram([file]);
	await isSame(t, ended, /^steps run with the copy driver and root's user ids, without namespaces \(making namespaces: .* EPERM\)/v);
	t.regex(ended.stderr, /warning\[env\/not-confined\]/v);
});

/** An overlay at `DIR/merged` for the commands after it. */
const overlayAt = (directory: string): string => `mkdir -p ${directory}/memory ${directory}/lower ${directory}/merged
mount -t tmpfs none ${directory}/memory
mkdir ${directory}/memory/upper ${directory}/memory/work
mount -t overlay -o userxattr,lowerdir=${directory}/lower,upperdir=${directory}/memory/upper,workdir=${directory}/memory/work none ${directory}/merged`;

when(busybox, 'a store on an overlay: upperdirs are in memory', async (t) => {
	const directory = place.fresh('overlay');
	const under = afterScript(directory, overlayAt(directory));
	await isSame(
		t,
		await buildUnder(under, `${directory}/merged/store`),
		/^steps run with the overlay-tmpfs driver .*does not work on the store/v,
	);
});

when(busybox, 'a store on an overlay with every other driver', async (t) => {
	const directory = place.fresh('overlay');
	const under = afterScript(directory, overlayAt(directory));
	await isSame(t, await buildUnder(under, `${directory}/merged/store`, ['--driver', 'copy']), /^steps run with the copy driver/v);
	const refused = await buildUnder(under, `${directory}/merged/store`, ['--driver', 'overlay']);
	t.is(refused.code, 3);
	t.regex(refused.stderr, /error\[env\/no-driver\]: the driver `overlay` does not work here/v);
});

/** A root that is an overlay, with this machine's programs and the tests' files, entered with pivot_root as a container's is. */
const containerRoot = (directory: string): string => `mkdir -p ${directory}/memory ${directory}/lower ${directory}/root
cd ${directory}/lower
mkdir proc sys dev usr etc tmp root old
for link in bin sbin lib lib64; do if [ -L /$link ]; then cp -P /$link .; else mkdir $link; fi; done
mount -t tmpfs none ${directory}/memory
mkdir ${directory}/memory/upper ${directory}/memory/work
mount -t overlay -o userxattr,lowerdir=.,upperdir=${directory}/memory/upper,workdir=${directory}/memory/work none ${directory}/root
cd ${directory}/root
for path in /proc /sys /dev /usr /etc /bin /sbin /lib /lib64 ${topFolder()} ${context}; do
	if [ -d $path ] && [ ! -L $path ]; then mkdir -p ./$path; mount --rbind $path ./$path; fi
done
pivot_root . old
umount -l /old
cd /`;

when(busybox, 'a container whose root is an overlay', async (t) => {
	const directory = place.fresh('root');
	await isSame(
		t,
		await buildUnder(afterScript(directory, containerRoot(directory)), '/store-of-the-container'),
		/^steps run with the overlay-tmpfs driver/v,
	);
});

when(busybox, 'process 1', async (t) => {
	const directory = place.fresh('init');
	const ended = await buildUnder(afterScript(directory, 'test $$ = 1'), `${directory}/store`);
	await isSame(t, ended, /^steps run with the overlay driver/v);
});

when(busybox, 'no /dev/fuse', async (t) => {
	const directory = place.fresh('dev');
	const script = `mkdir -p ${directory}/dev
mount -t tmpfs none ${directory}/dev
for name in null zero full random urandom tty; do touch ${directory}/dev/$name; mount --bind /dev/$name ${directory}/dev/$name; done
mount --rbind ${directory}/dev /dev`;
	const under = afterScript(directory, script);
	await isSame(t, await buildUnder(under, `${directory}/store`), /^steps run with the overlay driver/v);
	const refused = await buildUnder(under, `${directory}/other`, ['--driver', 'fuse']);
	t.is(refused.code, 3);
	t.regex(refused.stderr, /because: \/dev\/fuse does not exist/v);
});

when(busybox, 'a home that cannot be written to, with a store elsewhere', async (t) => {
	const directory = place.fresh('home');
	mkdirSync(`${directory}/home`, {recursive: true});
	const under = afterScript(directory, `mount -t tmpfs -o ro none ${directory}/home`);
	await isSame(t, await buildUnder(under, `${directory}/store`, [], {HOME: `${directory}/home`}), /^steps run with the overlay driver/v);
});

when([busybox, manyIds], 'a user without a name', async (t) => {
	const directory = place.fresh('nameless');
	mkdirSync(directory);
	chmodSync(place.directory, 0o755);
	chmodSync(directory, 0o777);
	const under = afterScript(directory, 'set -- setpriv --reuid 4242 --regid 4242 --clear-groups "$@"');
	await isSame(t, await buildUnder(under, `${directory}/store`), /^steps run with the overlay driver and one user id/v);
});

when([busybox, manyIds], 'a /proc that is covered in part, so that no new one can be made', async (t) => {
	const directory = place.fresh('proc');
	mkdirSync(directory);
	chmodSync(place.directory, 0o755);
	chmodSync(directory, 0o777);
	const under = afterScript(
		directory,
		'mount --bind /dev/null /proc/cpuinfo\nset -- setpriv --reuid 4242 --regid 4242 --clear-groups "$@"',
	);
	await isSame(
		t,
		await buildUnder(under, `${directory}/store`),
		/^steps run with the overlay driver and one user id \(making a \/proc of its own: .* EPERM, so steps see/v,
	);
});

when(
	[busybox, notRoot, manyIds, debianProgram('podman'), debianProgram('runc')],
	'a container of rootless podman with default settings',
	async (t) => {
		const directory = place.fresh('podman');
		for (const name of ['root/usr', 'root/etc', 'root/proc', 'root/dev', 'root/sys', 'root/tmp'])
			mkdirSync(`${directory}/${name}`, {recursive: true});
		// Podman refuses directories for its state with more than 50 characters.
		const state = mkdtempSync('/tmp/p-');
		const podman = [
			'podman',
			'--root',
			`${state}/r`,
			'--runroot',
			`${state}/rr`,
			'--cgroup-manager',
			'cgroupfs',
			'--events-backend',
			'none',
		];
		const mounts = ['/usr', topFolder(), context].flatMap((path) => ['-v', `${path}:${path}:ro`]);
		for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, `${directory}/root/${name}`);
		const run = ['run', '--rm', '--runtime', 'runc', '--network', 'none', ...mounts, '--rootfs', `${directory}/root:O`];
		const build = [process.execPath, boxbuildProgram, 'build', context, '--store', '/store', '--progress', 'plain'];
		try {
			const ended = await runProgram([...podman, ...run, ...build], {env: {XDG_RUNTIME_DIR: state}});
			await isSame(t, ended, /^steps run with the overlay-tmpfs driver and root's user ids/mv);
		} finally {
			await runProgram(['sh', '-c', '"$@" || true; rm -rf "$0"', state, ...podman, 'unshare', 'rm', '-rf', `${state}/r`, `${state}/rr`]);
		}
	},
);
