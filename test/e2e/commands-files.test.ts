import test from 'ava';
import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {ImageLayout} from '../support/image-layout.ts';
import {makeTar, member, type Member} from '../support/make-tar.ts';
import {watchMemory} from '../support/peak-memory.ts';
import {boxbuildProgram, type Ended, runProgram, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const directory = (path: string, more: Partial<Member['entry']> = {}): Member => member('directory', path, '', more);
const lower: readonly Member[] = [
	directory('etc'),
	member('file', 'etc/name', 'old'),
	member('file', 'etc/same', 'same'),
	member('file', 'etc/mode', 'm'),
	member('file', 'etc/time', 't', {mtime: 1000}),
	member('file', 'etc/type', 'x'),
	member('file', 'etc/gone', 'x'),
	member('file', 'etc/shadow', 'secret', {mode: 0, uid: 0, gid: 42}),
	member('symlink', 'etc/link', 'name'),
	directory('usr'),
	directory('usr/lib'),
	member('file', 'usr/lib/x', 'library'),
	member('symlink', 'lib', 'usr/lib'),
	member('symlink', 'out', '../../../../etc/name'),
	member('symlink', 'loop', 'loop'),
	member('symlink', 'nowhere', 'missing'),
	member('fifo', 'pipe'),
	directory('hard'),
	member('file', 'hard/a', 'hard'),
	member('hardlink', 'hard/b', 'hard/a'),
	member('hardlink', 'hard/c', 'hard/a'),
	member('file', 'caf\xe9', 'latin1'),
];
const changed: readonly Member[] = [
	directory('etc'),
	member('file', 'etc/name', 'new'),
	member('file', 'etc/same', 'same'),
	member('file', 'etc/mode', 'm', {mode: 0o600, uid: 1, gid: 2, xattrs: {'user.a': 'b'}}),
	member('file', 'etc/time', 't', {mtime: 2000}),
	directory('etc/type'),
	member('file', 'etc/.wh.gone', ''),
	member('symlink', 'etc/link', 'same'),
	member('file', 'hard/.wh.a', ''),
	member('file', 'added', 'x'),
];

test.before(async (t) => {
	const layout = new ImageLayout(`${place.directory}/layout`);
	const base = {tar: makeTar(lower)};
	layout.finish(
		{...layout.image({layers: [base]}), annotations: {'org.opencontainers.image.ref.name': 'one'}},
		{...layout.image({layers: [base, {tar: makeTar(changed)}]}), annotations: {'org.opencontainers.image.ref.name': 'two'}},
	);
	for (const name of ['one', 'two']) {
		const {code, stderr} = await place.boxbuild(['import', '-t', name, `oci:${layout.directory}:${name}`]);
		t.is(code, 0, stderr);
	}
});

const names = ({stdout}: Ended): readonly string[] =>
	stdout
		.trim()
		.split('\n')
		.map((line) => line.split(/ +/v).slice(5).join(' '));

test.serial('ls lists a directory, with -R all below it, and shows links and owners', async (t) => {
	t.deepEqual(names(await place.boxbuild(['ls', 'one', '/usr'])), ['usr/lib']);
	t.deepEqual(names(await place.boxbuild(['ls', 'one', 'usr', '-R'])), ['usr/lib', 'usr/lib/x']);
	t.deepEqual(names(await place.boxbuild(['ls', 'one', '/lib'])), ['lib -> usr/lib']);
	t.deepEqual(names(await place.boxbuild(['ls', 'one', '/lib/'])), ['usr/lib/x']);
	t.deepEqual(names(await place.boxbuild(['ls', 'one', '/lib/x'])), ['usr/lib/x']);
	t.regex((await place.boxbuild(['ls', 'one', '/etc/shadow'])).stdout, /^---------- 0\/42 +6 1970-01-01 00:16:40 etc\/shadow\n$/v);
	t.regex((await place.boxbuild(['ls', 'one', '/hard'])).stdout, /hard\/c link to hard\/a\n$/v);
});

test.serial('ls shows a hard link as the file when what it named is gone', async (t) => {
	const {stdout} = await place.boxbuild(['ls', 'two', '/hard']);
	t.regex(stdout, /^-rw-r--r-- 0\/0 +4 .* hard\/b\nhrw-r--r-- .* hard\/c link to hard\/b\n$/v);
	t.is((await place.boxbuild(['cat', 'two', '/hard/c'])).stdout, 'hard');
});

test.serial('ls as JSON has the bytes of names that are no text', async (t) => {
	const lines = (await place.boxbuild(['ls', 'one', '--json'])).stdout.trim().split('\n');
	const entries = lines.map((line) => JSON.parse(line) as {path: string; pathBytes?: string});
	t.is(entries.find(({path}) => path.startsWith('caf'))?.pathBytes, Buffer.from('caf\xe9', 'latin1').toString('base64'));
	t.is(entries.find(({path}) => path === 'etc')?.pathBytes, undefined);
});

test.serial('cat prints what a path leads to inside the image', async (t) => {
	for (const [path, content] of [
		['/etc/name', 'old'],
		['etc/link', 'old'],
		['/out', 'old'],
		['/lib/x', 'library'],
		['/lib/../../etc/same', 'same'],
	] as const) {
		const {code, stdout, stderr} = await place.boxbuild(['cat', 'one', path]);
		t.is(code, 0, stderr);
		t.is(stdout, content, path);
	}
	t.is((await place.boxbuild(['cat', 'two', 'etc/name'])).stdout, 'new');
});

test.serial('cat prints what only root of the image may read', async (t) => {
	t.is((await place.boxbuild(['cat', 'one', '/etc/shadow'])).stdout, 'secret');
});

test.serial('what cannot be printed is told, and a mistyped path is suggested', async (t) => {
	for (const [path, code, help] of [
		['/etc', 'cli/not-a-file', /boxbuild ls one \/etc/v],
		['/', 'cli/not-a-file', /directory/v],
		['/pipe', 'cli/not-a-file', /named pipe/v],
		['/loop', 'cli/link-loop', /more than 40/v],
		['/nowhere', 'cli/no-path', /no layer/v],
		['/etc/nmae', 'cli/no-path', /did you mean `\/etc\/name`\?/v],
		['/etc/name/', 'cli/no-path', /no layer/v],
		['/etc/name/x', 'cli/no-path', /no layer/v],
		['/etc/gone', 'cli/no-path', /no layer/v],
	] as const) {
		const {code: status, stderr, stdout} = await place.boxbuild(['cat', path === '/etc/gone' ? 'two' : 'one', path]);
		t.is(status, 2, path);
		t.is(stdout, '');
		t.true(stderr.includes(`error[${code}]`), stderr);
		t.regex(stderr, help);
	}
});

test.serial('diff tells what was added, removed and changed, and what of it', async (t) => {
	const {code, stdout, stderr} = await place.boxbuild(['diff', 'one', 'two']);
	t.is(code, 0, stderr);
	t.deepEqual(stdout.trim().split('\n'), [
		'A added',
		'D etc/gone',
		'C etc/link  link name -> same',
		'C etc/mode  mode 0644 -> 0600, owner 0:0 -> 1:2, xattrs',
		'C etc/name  content',
		'C etc/type  type file -> directory, mode 0644 -> 0755',
		'D hard/a',
		'C hard/b  link hard/a -> none',
		'C hard/c  link hard/a -> hard/b',
	]);
	t.regex(
		(await place.boxbuild(['diff', 'one', 'two', '--times'])).stdout,
		/^C etc\/time  time 1970-01-01T00:16:40Z -> 1970-01-01T00:33:20Z$/mv,
	);
	t.is((await place.boxbuild(['diff', 'one', 'one'])).stdout, '');
	const changes = (await place.boxbuild(['diff', 'two', 'one', '--json'])).stdout.trim().split('\n');
	const [first, , , mode] = changes.map((line) => JSON.parse(line) as object);
	t.like(first, {change: 'removed', path: 'added', entry: {type: 'file', size: 1}});
	t.like(mode, {change: 'changed', path: 'etc/mode'});
	t.like((mode as {differences: object[]}).differences[2], {what: 'xattrs', before: {'user.a': 'Yg=='}, after: {}});
});

test.serial('cat of a large file takes no memory, and a reader that goes away ends it', async (t) => {
	const bytes = 1 << 30;
	const script = `import os,sys,tarfile,io
class Zeros(io.RawIOBase):
    def read(self, n): return b'\\0' * n
archive = tarfile.open(fileobj=sys.stdout.buffer, mode='w|')
info = tarfile.TarInfo('large'); info.size = ${bytes}
archive.addfile(info, Zeros())
archive.close()`;
	const making = spawn('python3', ['-c', script], {stdio: ['ignore', 'pipe', 'inherit']});
	const importing = spawn(process.execPath, [boxbuildProgram, 'import', '--store', place.store, '-t', 'large', '-'], {
		stdio: [making.stdout, 'ignore', 'inherit'],
	});
	t.deepEqual((await once(importing, 'close'))[0], 0);
	const child = spawn(process.execPath, [boxbuildProgram, 'cat', '--store', place.store, 'large', '/large'], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const memory = watchMemory(child.pid ?? 0);
	const hash = createHash('sha256');
	let size = 0;
	for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
		hash.update(chunk);
		size += chunk.length;
	}
	const most = memory.stop();
	t.is(size, bytes);
	t.is(hash.digest('hex'), '49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14');
	t.true(most.bytes < 300e6, `${most.bytes} bytes: ${most.name}`);
	const cut = `"$0" "$1" cat --store "$2" large /large | head -c 5 | wc -c; echo "\${PIPESTATUS[0]}"`;
	const {stdout, stderr} = await runProgram(['bash', '-c', cut, process.execPath, boxbuildProgram, place.store]);
	t.is(stdout, '5\n0\n', stderr);
});

test.serial('cat that is interrupted while nobody reads ends at once', async (t) => {
	const child = spawn(process.execPath, [boxbuildProgram, 'cat', '--store', place.store, 'large', '/large'], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	await once(child.stdout, 'readable');
	child.kill('SIGINT');
	child.stderr.resume();
	const [code] = (await once(child, 'exit')) as [number];
	t.is(code, 130);
	child.stdout.destroy();
});
