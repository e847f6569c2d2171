import test from 'ava';
import {execFileSync} from 'node:child_process';
import {mkdirSync, readdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {encodeEntry, endOfArchive, paddingOf} from '../../src/tar/write-entry.ts';
import type {TarEntry} from '../../src/tar/entry.ts';
import type {RawPath} from '../../src/core/raw-path.ts';
import {listResult, pathsOf} from '../support/list-result.ts';
import {hasProgram} from '../support/requirements.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

/** Directories of live builds that are still there. */
const leftOvers = (): readonly string[] => readdirSync(`${place.store}/run`).filter((name) => /^[0-9a-f]{16}$/v.test(name));

test.serial('a named directory is copied from, with its own ignore file', async (t) => {
	const other = place.context({'.dockerignore': '*.log', 'a.log': '', 'a.txt': '', 'd/b': ''});
	const files = {Boxfile: 'FROM scratch\nCOPY --from=Other . /o/\nCOPY x /\n', '.dockerignore': '*.txt', x: 'x'};
	t.deepEqual(pathsOf(await listResult(t, place, files, ['--build-context', `other=${other}`])), [
		'o/',
		'o/.dockerignore',
		'o/a.txt',
		'o/d/',
		'o/d/b',
		'x',
	]);
	const first = await place.digest(t, files, ['--build-context', `other=${other}`]);
	writeFileSync(`${other}/a.txt`, 'changed');
	t.not(await place.digest(t, files, ['--build-context', `other=${other}`]), first);
	const missing = await place.build({Boxfile: 'FROM scratch\nCOPY --from=other nope /\n'}, ['--build-context', `other=${other}`]);
	t.is(missing.code, 2);
	t.regex(missing.stderr, /`nope` does not exist in the build context `other`/v);
});

test.serial('a named context wins over a stage and an image, in FROM and in --from', async (t) => {
	const root = place.context({'etc/name': 'root'});
	const layout = place.fresh('layout');
	await place.built(t, {Boxfile: 'FROM scratch\nCOPY x /in-layout\n', x: ''}, ['-t', 'stored', '-o', `type=oci,tar=false,dest=${layout}`]);
	const files = {Boxfile: 'FROM alpine:latest\nCOPY x /x\n', x: ''};
	const paths = async (source: string): Promise<readonly string[]> =>
		pathsOf(await listResult(t, place, files, ['--build-context', `docker.io/library/alpine=${source}`]));
	t.deepEqual(await paths(root), ['etc/', 'etc/name', 'x']);
	t.deepEqual(await paths(`oci-layout://${layout}`), ['in-layout', 'x']);
	t.deepEqual(await paths(`oci:${layout}`), ['in-layout', 'x']);
	t.deepEqual(await paths('docker-image://stored'), ['in-layout', 'x']);
	const stage = {Boxfile: 'FROM scratch AS part\nCOPY x /stage\nFROM scratch\nCOPY --from=part / /\n', x: ''};
	t.deepEqual(pathsOf(await listResult(t, place, stage)), ['stage']);
	t.deepEqual(pathsOf(await listResult(t, place, stage, ['--build-context', `part=${root}`])), ['etc/', 'etc/name']);
	t.deepEqual(pathsOf(await listResult(t, place, stage, ['--build-context', `part=oci:${layout}`])), ['in-layout']);
});

test.serial('a --build-context that cannot be used is an error', async (t) => {
	const files = {Boxfile: 'FROM scratch\n'};
	for (const value of [
		'name',
		'=x',
		'name=',
		'name=ftp://example.org/x',
		'name=https://example.org/x.git?braanch=y',
		'name=http://',
		'name=docker-image://UPPER',
		'name=/does/not/exist',
		'a b=.',
	]) {
		const ended = await place.build(files, ['--build-context', value]);
		t.is(ended.code, 2, value);
	}
});

const context = (): string =>
	place.context({
		Boxfile: 'FROM scratch\nCOPY . /c/\n',
		'.dockerignore': 'Boxfile\n.dockerignore\n*.log\n',
		'a.log': '',
		'd/a': 'a',
		'bin/b': 'b',
	});

const packers: Readonly<Record<string, string>> = {'-j': 'bzip2', '-J': 'xz', '--zstd': 'zstd'};

test.serial('a tar on standard input is a context, whatever its compression, and gives the layers of its directory', async (t) => {
	const directory = context();
	symlinkSync('d/a', `${directory}/link`);
	const expected = await place.digest(t, directory);
	for (const flag of ['', '-z', '-j', '-J', '--zstd'].filter((option) => hasProgram(packers[option] ?? 'tar'))) {
		const input = execFileSync('tar', ['-C', directory, '-c', ...(flag === '' ? [] : [flag]), '.']);
		const ended = await place.boxbuild(['build', '--quiet', '-'], {input});
		t.is(ended.code, 0, ended.stderr);
		t.is(ended.stdout.trim(), expected);
	}
	t.deepEqual(leftOvers(), []);
});

test.serial('-f names a Boxfile of the archive', async (t) => {
	const directory = place.context({'sub/Other': 'FROM scratch\nCOPY x /y\n', x: 'x'});
	const input = execFileSync('tar', ['-C', directory, '-c', '.']);
	t.is((await place.boxbuild(['build', '-f', 'sub/Other', '-'], {input})).code, 0);
	t.is((await place.boxbuild(['build', '-f', '-', '-'], {input})).code, 2);
});

type Member = Partial<Omit<TarEntry, 'path'>> & {readonly path: string; readonly content?: string};

function tarOf(members: readonly Member[]): Buffer {
	const parts = members.flatMap(({content = '', path, ...entry}) => {
		const bytes = Buffer.from(content);
		const header = encodeEntry({type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, ...entry, path: path as RawPath, size: bytes.length});
		return [header, bytes, Buffer.alloc(paddingOf(bytes.length))];
	});
	return Buffer.concat([...parts, endOfArchive]);
}

const boxfile: Member = {path: 'Boxfile', content: 'FROM scratch\nCOPY . /\n'};

const hostile: Readonly<Record<string, readonly Member[]>> = {
	'a path that climbs out': [{path: '../evil', content: 'x'}],
	'a path that climbs out later': [{path: 'a/../../evil', content: 'x'}],
	'a file through a link': [
		{path: 'out', type: 'symlink', link: '/tmp'},
		{path: 'out/evil', content: 'x'},
	],
	'a directory over a link': [
		{path: 'out', type: 'symlink', link: '/tmp'},
		{path: 'out', type: 'directory', mode: 0o777},
	],
	'a file over a link': [
		{path: 'out', type: 'symlink', link: '/tmp/evil'},
		{path: 'out', content: 'x'},
	],
	'a hard link to what is outside': [{path: 'key', type: 'hardlink', link: '../../../../etc/passwd'}],
	'a hard link through a link': [
		{path: 'out', type: 'symlink', link: '/etc'},
		{path: 'key', type: 'hardlink', link: 'out/passwd'},
	],
	'a device': [{path: 'null', type: 'char', device: {major: 1, minor: 3}}],
};

for (const [what, members] of Object.entries(hostile)) {
	test.serial(`an archive with ${what} is refused`, async (t) => {
		const ended = await place.boxbuild(['build', '-'], {input: tarOf([boxfile, ...members])});
		t.is(ended.code, 2, ended.stderr);
		t.regex(ended.stderr, /context\/archive-refused/v);
		t.deepEqual(leftOvers(), []);
	});
}

test.serial('an archive that is none, or ends early, is refused', async (t) => {
	for (const input of ['', Buffer.from([0xff, 0xfe, 0x31]), tarOf([boxfile]).subarray(0, 600)]) {
		const ended = await place.boxbuild(['build', '-'], {input});
		t.is(ended.code, 2, ended.stderr);
		t.regex(ended.stderr, /the archive on standard input cannot be a build context/v);
	}
});

test.serial('a text on standard input is the Boxfile of an empty context', async (t) => {
	const input = 'FROM scratch\nLABEL a=b\nCOPY <<x /x\nhello\nx\n';
	const ended = await place.boxbuild(['build', '--quiet', '-'], {input});
	t.is(ended.code, 0, ended.stderr);
	t.is(ended.stdout.trim(), await place.digest(t, {Boxfile: input}));
	const copies = await place.boxbuild(['build', '-'], {input: 'FROM scratch\nCOPY x /\n'});
	t.is(copies.code, 2);
	t.regex(copies.stderr, /context\/missing-source/v);
	t.regex(copies.stderr, /^ *--> -:2:6/mv);
	const both = await place.boxbuild(['build', '-f', 'Boxfile', '-'], {input});
	t.is(both.code, 2);
	t.regex(both.stderr, /cli\/bad-value/v);
	const foreign = await place.boxbuild(['build', '-'], {input: 'FROM dir:/etc\n'});
	t.is(foreign.code, 2);
	t.regex(foreign.stderr, /base\/outside-context/v);
	t.deepEqual(leftOvers(), []);
});

test.serial('messages call a file of an archive as people do', async (t) => {
	const input = tarOf([{path: 'sub/Other', content: 'FRM scratch\n'}]);
	const wrong = await place.boxbuild(['build', '-f', 'sub/Other', '-'], {input});
	t.is(wrong.code, 2);
	t.regex(wrong.stderr, /--> sub\/Other:1:1/v);
	const none = await place.boxbuild(['build', '-'], {input});
	t.regex(none.stderr, /there is no Boxfile in `-`/v);
	t.false(`${wrong.stderr}${none.stderr}`.includes('/run/'));
});

test.serial('a Boxfile or ignore file of an archive does not show files of the machine', async (t) => {
	for (const name of ['Boxfile', '.dockerignore']) {
		const members = [boxfile, {path: name, type: 'symlink', link: '/etc/hostname'} as const].filter(
			({path}, index) => index === 1 || path !== name,
		);
		const ended = await place.boxbuild(['build', '-'], {input: tarOf(members)});
		t.is(ended.code, 2, ended.stderr);
		t.regex(ended.stderr, /context\/(?:boxfile-outside|ignore-file-outside)/v);
	}
});

test.serial('a link of a context is copied as a link, and a source that leads out is an error', async (t) => {
	const directory = place.context({Boxfile: 'FROM scratch\nCOPY d /d\n', 'd/x': ''});
	const secret = place.context({id_rsa: 'secret'});
	symlinkSync(`${secret}/id_rsa`, `${directory}/d/key`);
	t.deepEqual(pathsOf(await listResult(t, place, directory)), ['d/', `d/key -> ${secret}/id_rsa`, 'd/x']);
	writeFileSync(`${directory}/Boxfile`, 'FROM scratch\nCOPY d/key /d\n');
	t.is((await place.build(directory)).code, 2);
	mkdirSync(`${directory}/e`);
	t.is((await place.build({Boxfile: 'FROM scratch\nCOPY --from=o ../id_rsa /d\n'}, ['--build-context', `o=${directory}`])).code, 2);
});
