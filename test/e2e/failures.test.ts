import test from 'ava';
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {asNamespaceRoot} from '../support/namespace-root.ts';
import {notRoot} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {boxbuildProgram, runProgram, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

test.serial('a RUN that exits with 7: exit code 1, the code, the place, the output and the log', async (t) => {
	const {code, stderr} = await place.build({
		Boxfile: 'FROM host AS a\nRUN echo before; echo oh no >&2; exit 7\nFROM scratch\nCOPY --from=a /x /\n',
	});
	t.is(code, 1);
	t.regex(stderr, /error\[step\/exit-code\]: the command exits with code 7/v);
	t.regex(stderr, /Boxfile:2/v);
	t.regex(stderr, /oh no/v);
	const log = /read its whole output: (\S+)/v.exec(stderr)?.[1] ?? '';
	t.is(readFileSync(log, 'utf8'), 'before\noh no\n');
});

test.serial('a failed step is not remembered', async (t) => {
	const files = {Boxfile: 'FROM host AS a\nRUN echo before; exit 7\nFROM scratch\nCOPY --from=a /x /\n'};
	t.is((await place.build(files)).code, 1);
	t.is((await place.build(files)).code, 1);
});

test.serial('a shell in a RUN that is killed is exit code 137 of the step', async (t) => {
	const {code, stderr} = await place.build({
		Boxfile: `FROM host AS a\nRUN sh -c 'kill -9 $$'; exit $?\nFROM scratch\nCOPY --from=a /x /\n`,
	});
	t.is(code, 1);
	t.regex(stderr, /exits with code 137/v);
});

test.serial('a RUN whose first process is killed from outside names the signal', async (t) => {
	const mark = `4711.${process.pid}`;
	const {code, stderr} = await place.build({Boxfile: `FROM host AS a\nRUN ["sleep", "${mark}"]\nFROM scratch\nCOPY --from=a /x /\n`}, [], {
		started() {
			execFileSync('sh', [
				'-c',
				`for i in $(seq 100); do sleep 0.1; grep -lazs '^${mark}$' /proc/[0-9]*/cmdline | sed 's,/proc/,,; s,/cmdline,,' > "$0"; for p in $(cat "$0"); do [ "$(cat /proc/$p/comm)" = sleep ] && kill -9 $p && exit 0; done; done; exit 1`,
				place.fresh('pids'),
			]);
		},
	});
	t.is(code, 1, stderr);
	t.regex(stderr, /SIGKILL/v);
});

test.serial('a command that does not exist', async (t) => {
	const {code, stderr} = await place.build({Boxfile: 'FROM host AS a\nRUN ["/no/such"]\nFROM scratch\nCOPY --from=a /x /\n'});
	t.is(code, 1);
	t.regex(stderr, /error\[step\/cannot-start\].*\/no\/such/v);
});

test.serial('a base that is nowhere', async (t) => {
	const {code, stderr} = await place.build({Boxfile: 'FROM nowhere:1\nRUN true\n'});
	t.is(code, 2, stderr);
	t.regex(stderr, /nowhere:1/v);
	t.regex(stderr, /Boxfile:1:6/v);
});

test.serial('a base file that is nowhere', async (t) => {
	const {code, stderr} = await place.build({Boxfile: 'FROM tar:nowhere.tar\nRUN true\n'});
	t.is(code, 2, stderr);
	t.regex(stderr, /nowhere\.tar/v);
});

test.serial('a source that is nowhere', async (t) => {
	const {code, stderr} = await place.build({Boxfile: 'FROM scratch\nCOPY redme.txt /\n', 'readme.txt': ''});
	t.is(code, 2);
	t.regex(stderr, /context\/missing-source/v);
	t.regex(stderr, /Boxfile:2:6/v);
});

test.serial('a stage that is nowhere, and what was meant', async (t) => {
	const {code, stderr} = await place.build({Boxfile: 'FROM scratch AS build\nFROM scratch\nCOPY --from=biuld /a /a\n'});
	t.is(code, 2);
	t.regex(stderr, /did you mean `build`/v);
	const target = await place.build({Boxfile: 'FROM scratch AS build\n'}, ['--target', 'biuld']);
	t.is(target.code, 2);
	t.regex(target.stderr, /did you mean `build`/v);
});

test.serial('all mistakes of a file are shown at once', async (t) => {
	const lines = ['FROM scratch', 'LABEL a=b', 'CPOY a b', '', '# fine', 'ENV a=b', 'LABEL c=d', '', 'WORKDRI /x', 'LABEL e=f'];
	const {code, stderr} = await place.build({Boxfile: `${lines.join('\n')}\n`});
	t.is(code, 2);
	t.regex(stderr, /Boxfile:3:1/v);
	t.regex(stderr, /Boxfile:9:1/v);
	t.regex(stderr, /did you mean `COPY`/v);
	t.regex(stderr, /did you mean `WORKDIR`/v);
});

test.serial('COPY of what lies outside of the context takes the file of that name inside, and says so', async (t) => {
	const {code, stderr} = await place.build({Boxfile: 'FROM scratch\nCOPY ../x /\n', x: 'a file of that name in the context'});
	t.is(code, 0, stderr);
	t.regex(stderr, /context\/outside/v);
	t.regex(stderr, /Boxfile:2:6/v);
});

test.serial('no Boxfile, a wrong option, a wrong command', async (t) => {
	t.is((await place.build({})).code, 2);
	t.is((await place.build({Boxfile: 'FROM scratch\n'}, ['--tga', 'x'])).code, 2);
	const {code, stderr} = await runProgram([process.execPath, boxbuildProgram, 'bulid']);
	t.is(code, 2);
	t.regex(stderr, /did you mean `boxbuild build`/v);
});

when(notRoot, 'without user namespaces: exit code 3 and what to do', async (t) => {
	const {code, stderr} = await place.build(
		{Boxfile: 'FROM host AS a\nRUN echo 1 > /x\nFROM scratch\nCOPY --from=a /x /\n'},
		['--no-cache'],
		{
			under: [
				'unshare',
				'--user',
				'--map-root-user',
				'sh',
				'-c',
				'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all --inh-caps=-all --securebits +noroot "$@"',
				'sh',
			],
		},
	);
	t.is(code, 3, stderr);
	t.regex(stderr, /error\[env\//v);
});

when(busybox, 'a full disk: exit code 4, and the store is sound afterwards', async (t) => {
	const context = place.context(busyboxFiles('RUN head -c 30000000 /dev/urandom > /big\n'));
	const small = place.context(busyboxFiles('RUN echo 1 > /small\n'));
	const disk = place.fresh('disk');
	const script = `
mkdir -p ${disk} && mount -t tmpfs -o size=16m tmpfs ${disk} || exit 99
"$0" "$1" build --store ${disk}/store ${context}; echo "full: $?" >&2
"$0" "$1" build --store ${disk}/store ${small}; echo "small: $?" >&2
"$0" "$1" build --store ${disk}/store ${small}; echo "cached: $?" >&2
`;
	const {stderr} = await runProgram([...asNamespaceRoot(), 'sh', '-c', script, process.execPath, boxbuildProgram]);
	t.regex(stderr, /^full: 4$/mv);
	t.regex(stderr, /store\/no-space/v);
	t.regex(stderr, /^small: 0$/mv, stderr);
	t.regex(stderr, /^cached: 0$/mv, stderr);
});

when(busybox, 'a disk that is full when the base is unpacked: exit code 4', async (t) => {
	const directory = place.context({data: Buffer.alloc(30_000_000, 'x')});
	execFileSync('tar', ['-C', directory, '-cf', `${directory}.tar`, 'data']);
	const disk = place.fresh('disk');
	const script = `mkdir -p ${disk} && mount -t tmpfs -o size=8m tmpfs ${disk} || exit 99
"$0" "$1" import --store ${disk}/store -t big ${directory}.tar; echo "full: $?" >&2
"$0" "$1" images --store ${disk}/store; echo "images: $?" >&2`;
	const {stderr} = await runProgram([...asNamespaceRoot(), 'sh', '-c', script, process.execPath, boxbuildProgram]);
	t.regex(stderr, /^full: 4$/mv, stderr);
	t.regex(stderr, /store\/no-space/v);
	t.regex(stderr, /^images: 0$/mv, stderr);
});

test.serial('an archive that is damaged: exit code 4', async (t) => {
	const directory = place.context({data: Buffer.alloc(100_000, 'x')});
	execFileSync('tar', ['-C', directory, '-czf', `${directory}.tar.gz`, 'data']);
	const bytes = readFileSync(`${directory}.tar.gz`);
	writeFileSync(`${directory}/cut.tar.gz`, bytes.subarray(0, bytes.length / 2));
	const cut = await place.boxbuild(['import', '-t', 'cut', `${directory}/cut.tar.gz`]);
	t.is(cut.code, 4, cut.stderr);
	bytes[bytes.length - 8] = (bytes.at(-8) ?? 0) ^ 1;
	writeFileSync(`${directory}/flipped.tar.gz`, bytes);
	writeFileSync(`${directory}/Boxfile`, 'FROM tar:flipped.tar.gz\nLABEL a=b\n');
	const flipped = await place.build(directory);
	t.is(flipped.code, 4, flipped.stderr);
});

test.serial('a store of a newer version: exit code 4, and it is left alone', async (t) => {
	const other = new Workplace(place.fresh('newer'));
	await other.boxbuild(['images']).catch(() => {});
	execFileSync('mkdir', ['-p', other.store]);
	writeFileSync(`${other.store}/version`, '2\n');
	const {code, stderr} = await other.build({Boxfile: 'FROM scratch\nLABEL a=b\n'});
	t.is(code, 4);
	t.regex(stderr, /store\/newer-version/v);
	t.is(readFileSync(`${other.store}/version`, 'utf8'), '2\n');
});
