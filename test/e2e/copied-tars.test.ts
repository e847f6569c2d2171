import type {ExecutionContext} from 'ava';
import test from 'ava';
import {execFileSync} from 'node:child_process';
import {closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync} from 'node:fs';
import {busybox, readBusybox} from '../support/busybox.ts';
import {notRoot} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {Rebuilds} from '../support/rebuild.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

const place = new Workplace();
/** Another store: there every layer of a copy is a directory. */
const other = new Workplace();
test.after.always(() => Promise.all([place.remove(), other.remove()]));

/** So many files that the copy may be a tar, and is made before they are digested when nobody has read them. */
const filler = 'mkdir -p tree/many; for n in $(seq 600); do echo "$n" > tree/many/$n; done';

function contextOf(script: string): string {
	const context = place.context({});
	execFileSync('bash', ['--norc', '-euc', `umask 022; ${filler}; ${script}`], {cwd: context});
	return context;
}

function write(context: string, lines: string): string {
	writeFileSync(`${context}/Boxfile`, `FROM scratch\n${lines}\n`);
	return context;
}

/** The layers of the last image of a tag that have a directory, and those that have a tar. */
async function formsOf(where: Workplace, name: string): Promise<{readonly directories: number; readonly tars: number}> {
	const {layers} = JSON.parse((await where.boxbuild(['inspect', name])).stdout) as {
		layers: readonly {readonly diffId: string; readonly directory?: string}[];
	};
	return {
		directories: layers.filter(({directory}) => directory !== undefined).length,
		tars: layers.filter(({diffId}) => existsSync(`${where.store}/blobs/sha256/${diffId.slice('sha256:'.length)}`)).length,
	};
}

/** The same image as of a build whose layers are directories. */
async function isAsDirectory(t: ExecutionContext, context: string, digest: string): Promise<void> {
	t.is(digest, await other.digest(t, context, ['--no-cache', '-t', 'as-directory', '-o', `type=tar,dest=${other.fresh('o.tar')}`]));
	t.true((await formsOf(other, 'as-directory')).directories > 0);
}

const nasty = contextOf(`cd tree
	echo one > file; ln file hard-one; mkdir sub; ln file sub/hard-two; echo two > sub/a; ln sub/a early
	ln -s sub/a link; ln -s /absolute absolute; ln -s nowhere dangling; ln -s sub link-to-directory; mkfifo fifo
	mkdir -p empty/of/files; mkdir sticky; chmod 1777 sticky; chmod 2755 sub; echo s > setuid; chmod 4755 setuid; echo r > read; chmod 400 read
	: > nothing; echo n > $'new\\nline'; echo d > -dash; echo b > $'\\xff\\xfe'; mkdir -p $'\\xe9\\xe9'; echo u > $'\\xe9\\xe9/\\xc3\\xa9'
	echo l > "$(printf 'l%.0s' $(seq 255))"; mkdir -p "$(printf 'x%.0s' $(seq 90))/$(printf 'y%.0s' $(seq 90))"
	echo deep > "$(printf 'x%.0s' $(seq 90))/$(printf 'y%.0s' $(seq 90))/$(printf 'z%.0s' $(seq 90))"
	truncate -s 5M sparse; printf end >> sparse; head -c 3000000 /dev/zero | tr '\\0' q > large; head -c 512 large > block
	setfattr -n user.note -v x file 2> /dev/null || true; echo t > old; touch -d '1950-01-01' old; cd ..
	tar -cf archive.tar tree/sub; echo home > home.txt`);

const copies: readonly (readonly [lines: string, tars: number])[] = [
	['COPY tree /d/', 1],
	['COPY . /', 1],
	['COPY tree home.txt /a/b/', 1],
	['COPY --chown=7:80000 --chmod=u+x,g=r tree /x', 1],
	['COPY --parents tree/many/* tree/sub /p/', 1],
	['COPY --exclude=*1 --exclude=sub tree /e', 1],
	['COPY --link tree /l', 1],
	['COPY tree /one\nCOPY --link tree /two', 2],
	['COPY tree <<EOF /i/\nhello\nEOF', 1],
	['COPY home.txt /d/file\nCOPY tree /d\nENV A=1', 1],
	['FROM scratch AS s\nCOPY --chown=5:6 tree /t\nFROM scratch\nCOPY --from=s /t /u', 1],
	['ADD tree home.txt /t/', 1],
	['ADD tree archive.tar home.txt /t/', 0],
];
for (const [lines, tars] of copies) {
	test.serial(
		`a copy that nothing stands on is a tar with the bytes that its directory has: ${lines.replaceAll('\n', '; ')}`,
		async (t) => {
			write(nasty, lines.startsWith('FROM') ? lines.replace(/^FROM scratch /v, 'ARG unused\nFROM scratch ') : lines);
			const digest = await place.digest(t, nasty, ['-t', 'as-tar']);
			t.is((await formsOf(place, 'as-tar')).tars, tars);
			await isAsDirectory(t, nasty, digest);
			t.is(await place.digest(t, nasty), digest);
			t.is(await place.digest(t, nasty, ['--no-cache']), digest);
		},
	);
}

const rebuilds = new Rebuilds(place, isAsDirectory);

test.serial('after a change of contents the new layer is made of the one before, without the worker', async (t) => {
	const context = write(contextOf('echo first > tree/a; : > tree/none; ln tree/a tree/b; ln -s a tree/link'), 'COPY --chown=3:4 tree /d/');
	const changes = [
		'echo changed > tree/many/7',
		'echo longer than it was before > tree/many/7; head -c 2000000 /dev/zero > tree/many/150; : > tree/many/300',
		'echo something > tree/none; : > tree/many/150',
		'for n in $(seq 20 40); do echo "$n again" > tree/many/$n; done',
		// Written anew, not changed: another inode.
		'rm tree/many/1; echo other > tree/many/1',
	];
	const digests = await rebuilds.afterEach(t, context, changes, {worker: false});
	t.true(digests.has((await rebuilds.after(t, context, 'touch tree/many/*')).digest));
});

test.serial('the digests of large files, taken beside the copying, are those that a later build takes', async (t) => {
	const large = (name: string, extra: number): string => `head -c 70000000 /dev/urandom > ${name}; head -c ${extra} /dev/zero >> ${name}`;
	const context = write(contextOf(`${large('tree/one', 0)}; ${large('tree/two', 1)}; ${large('tree/three', 512)}`), 'COPY tree /d/');
	await place.built(t, context);
	execFileSync('touch', ['tree/one', 'tree/two', 'tree/three'], {cwd: context});
	const {stderr} = await place.built(t, context, ['--progress', 'plain']);
	t.regex(stderr, /COPY tree \/d\/ cached/v);
});

test.serial('after any other change the layer is made anew', async (t) => {
	const context = write(contextOf('echo first > tree/a; ln tree/a tree/b; mkdir tree/dir; ln -s a tree/link'), 'COPY tree /d/');
	const changes = [
		'echo second > tree/a',
		'chmod 600 tree/many/5',
		'echo more > tree/new',
		'rm tree/many/9',
		'mv tree/many/10 tree/many/10a',
		'rm tree/many/11; mkdir tree/many/11',
		'ln -sf b tree/link',
		'rm tree/b; echo single > tree/b',
		'ln -f tree/many/1 tree/many/2',
		'rmdir tree/dir',
	];
	await rebuilds.afterEach(t, context, changes, {worker: true});
});

test.serial('the destination, the stack below and the flags decide as well', async (t) => {
	const context = contextOf('echo a > tree/a; echo b > below');
	for (const lines of [
		'COPY below /d/tree\nCOPY tree /d/',
		'COPY below /d/other\nCOPY tree /d/',
		'COPY below /d/other\nCOPY tree /e/',
		'COPY below /d/other\nCOPY --chmod=700 tree /e/',
		'COPY below /d/other\nCOPY --exclude=a tree /e/',
	]) {
		write(context, lines);
		await rebuilds.after(t, context, 'date +%N > tree/many/1');
		await rebuilds.after(t, context, 'date +%N > tree/many/2');
	}
});

/** Path of the one blob that is larger than the documents. */
function blobIn(store: string): string {
	const directory = `${store}/blobs/sha256`;
	const name = readdirSync(directory).find((file) => readFileSync(`${directory}/${file}`).length > 100_000);
	return `${directory}/${name}`;
}

test.serial('a tar that somebody has written to, or that is gone, is not built upon', async (t) => {
	const fresh = new Workplace();
	try {
		const context = write(contextOf('true'), 'COPY tree /d/');
		for (const spoil of [
			(path: string) => {
				const fd = openSync(path, 'r+');
				writeSync(fd, 'spoilt', 700);
				closeSync(fd);
			},
			(path: string) => writeFileSync(path, ''),
			(path: string) => execFileSync('rm', [path]),
		]) {
			await fresh.boxbuild(['prune', '--all']);
			await fresh.built(t, context);
			spoil(blobIn(fresh.store));
			writeFileSync(`${context}/tree/many/1`, `${spoil}`);
			await isAsDirectory(t, context, await fresh.digest(t, context));
		}
	} finally {
		await fresh.remove();
	}
});

test.serial('a source that an edit makes an archive is unpacked', async (t) => {
	const context = write(contextOf('echo text > a.tar; mkdir in; echo x > in/x'), 'ADD a.tar tree /d/');
	await rebuilds.after(t, context, 'true');
	await rebuilds.after(t, context, 'tar -cf a.tar in');
});

when(notRoot, 'a file that the builder cannot read is refused, although the worker could read it', async (t) => {
	const context = write(contextOf('chmod 0 tree/many/500'), 'COPY tree /d/');
	const {code, stderr} = await place.build(context);
	t.is(code, 2);
	t.regex(stderr, /tree\/many\/500/v);
});

test.serial('what is wrong with a copy is told as ever, although it was tried before its files were digested', async (t) => {
	const context = write(contextOf('echo x > file'), 'COPY file /d/many\nCOPY tree /d/');
	const {code, stderr} = await place.build(context);
	t.is(code, 1);
	t.regex(stderr, /d\/many/v);
	t.regex(stderr, /Boxfile:3/v);
});

test.serial('commands read a layer that is a tar', async (t) => {
	const context = write(contextOf('echo inside > tree/hard; ln tree/hard tree/a; : > tree/empty'), 'COPY tree /d/');
	await place.built(t, context, ['-t', 'one']);
	writeFileSync(`${context}/tree/a`, 'outside\n');
	await place.built(t, context, ['-t', 'two']);
	t.is((await formsOf(place, 'two')).directories, 0);
	const said = async (...args: string[]): Promise<string> => {
		const {code, stdout, stderr} = await place.boxbuild(args);
		t.is(code, 0, `${args.join(' ')}\n${stderr}`);
		return stdout;
	};
	t.regex(await said('ls', 'two', '/d'), /many/v);
	t.is(await said('cat', 'two', '/d/a'), 'outside\n');
	t.is(await said('cat', 'two', '/d/many/300'), '300\n');
	t.is(await said('cat', 'two', '/d/empty'), '');
	t.is(await said('cat', 'two', '/d/hard'), 'outside\n');
	t.is((await formsOf(place, 'two')).directories, 0);
	t.regex(await said('diff', 'one', 'two'), /d\/a/v);
	t.is((await formsOf(place, 'one')).tars, 1);
	const archive = place.fresh('a.tar');
	await said('export', 'two', '-o', `type=oci,dest=${archive}`);
	await said('import', archive, '--tag', 'three');
	const zipped = place.fresh('z.tar');
	await said('export', 'two', '-o', `type=docker,dest=${zipped}`);
	const files = place.fresh('files.tar');
	await said('export', 'two', '-o', `type=tar,dest=${files}`);
	t.is(await printedBy(['tar', '-xOf', files, 'd/a']), 'outside\n');
	t.is(await said('cat', 'two', '/d/a'), 'outside\n');
	await said('sbom', 'two');
	await said('prune');
	t.is(await said('cat', 'one', '/d/a'), 'inside\n');
	t.is(await place.digest(t, context, ['-t', 'two']), await place.digest(t, context, ['-t', 'two']));
});

when(busybox, 'a later build runs on a layer that is a tar', async (t) => {
	const context = contextOf('echo inside > tree/a; mkdir -p tree/bin');
	writeFileSync(`${context}/tree/bin/sh`, readBusybox(), {mode: 0o755});
	await place.built(t, write(context, 'COPY tree /'), ['-t', 'base']);
	t.deepEqual(await formsOf(place, 'base'), {directories: 0, tars: 1});
	writeFileSync(`${context}/Boxfile`, 'FROM base\nRUN ["/bin/sh", "-c", "read line < /a; echo $line again > /b"]\n');
	const tar = place.fresh('o.tar');
	await place.built(t, context, ['-o', `type=tar,dest=${tar}`]);
	t.is(await printedBy(['tar', '-xOf', tar, 'b']), 'inside again\n');
	// The same copy with a command on top, in the store that has its tar.
	await place.built(t, write(context, 'COPY tree /\nRUN ["/bin/sh", "-c", "echo x > /c"]'), ['-o', `type=tar,dest=${tar}`]);
	t.is(await printedBy(['tar', '-xOf', tar, 'a', 'c']), 'inside\nx\n');
});
