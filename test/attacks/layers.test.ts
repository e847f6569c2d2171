import test from 'ava';
import {execFileSync} from 'node:child_process';
import {rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {media, writeLayout} from '../support/hostile-image.ts';
import {listResult, pathsOf} from '../support/list-result.ts';
import {makeTar, member, type Member} from '../support/make-tar.ts';
import {hasProgram, manyIds} from '../support/requirements.ts';
import {Victim} from '../support/victim.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

const place = new Workplace();
const victim = new Victim(place);
const out = victim.directory;
const up = '../../../../../../../../../../../..';
test.after.always(() => place.remove());

const file = (path: string, content = 'evil'): Member => member('file', path, content);
const symlink = (path: string, target: string): Member => member('symlink', path, target);
const directory = (path: string, mode = 0o777): Member => member('directory', path, '', {mode});

/** What must not happen is the same for all: that the victim changes, or gets into the result. */
const hostile: Readonly<Record<string, readonly Member[]>> = {
	'L1: entries with ..': [file(`${up}${out}/new`), file(`a/${up}${out}/file`)],
	'L1: absolute entries': [file(`${out}/new`), file(`${out}/file`), directory(out)],
	'L2: a file through a link before it': [symlink('l', out), file('l/file'), file('l/new')],
	'L2: a directory through a link that climbs': [symlink('l', `${up}${out}`), directory('l/sub'), directory('l/new'), symlink('l/n', 'x')],
	'L2: a file through a chain of links': [
		directory('d'),
		symlink('d/up', '..'),
		symlink('a', 'd/up/..'),
		symlink('b', `a/..${out}`),
		file('b/file'),
	],
	'L4: the root as a link': [symlink('.', out), file('file'), file('new')],
	'L5: a hard link to the outside': [member('hardlink', 'l', victim.file), file('l')],
	'L5: a hard link that climbs': [member('hardlink', 'l', `${up}${victim.file}`), file('l')],
	'L5: a hard link through a link': [symlink('s', out), member('hardlink', 'l', 's/file'), file('l')],
	'L5: a hard link to a link, and a file over it': [
		symlink('s', victim.file),
		member('hardlink', 'l', 's', {mode: 0o666}),
		file('l'),
		file('s'),
	],
	'L6: attributes through links': [
		symlink('l', out),
		member('hardlink', 'm', 'l', {mode: 0o777, mtime: 5}),
		directory('l', 0o777),
		symlink('f', victim.file),
		member('file', 'f', 'x', {mode: 0o4777, mtime: 5, uid: 0}),
		symlink('g', victim.file),
		member('symlink', 'g', victim.file, {mode: 0o777, mtime: 5}),
	],
	'L7: whiteouts in a directory that is a link': [
		symlink('l', out),
		file('l/.wh.file', ''),
		file('l/.wh..wh..opq', ''),
		file('l/.wh.sub', ''),
	],
	'L7: a whiteout of a link': [symlink('l', out), file('.wh.l', ''), file('l/file')],
	'L7: whiteouts with dots for a name': [file('d/.wh...', '')],
	'L7: a whiteout without a name': [file('.wh.', '')],
};

for (const [what, members] of Object.entries(hostile)) {
	test.serial(`${what}, by every way into a build`, async (t) => {
		for (const [medium, {from, wrap}] of Object.entries(media)) {
			const context = place.context({Boxfile: `${from}\nCOPY Boxfile /l/f/\n`});
			wrap(makeTar(members), context);
			const tar = place.fresh('result.tar');
			const {code, stderr} = await place.build(context, ['-o', `type=tar,dest=${tar}`]);
			t.true(code === 0 || code === 1 || code === 2 || code === 4, `${medium}: ${code} ${stderr}`);
			t.notRegex(stderr, /internal\//v, medium);
			victim.isUntouched(t, medium, stderr, code === 0 ? await printedBy(['tar', '-xOf', tar]) : '');
		}
	});
}

test.serial('L3: links with more .. than their depth are taken and lead to the root', async (t) => {
	for (const [medium, {from, wrap}] of Object.entries(media)) {
		const context = place.context({Boxfile: `${from}\n`});
		wrap(
			makeTar([directory('d', 0o755), symlink('d/l', '../../../../x'), directory('x', 0o755), file('d/l/f', 'through the link')]),
			context,
		);
		const paths = pathsOf(await listResult(t, place, context));
		t.deepEqual(paths, ['d/', 'd/l -> ../../../../x', 'x/', 'x/f'], medium);
	}
});

when(busybox, 'L8: a name that deletes something elsewhere is not copied as a file', async (t) => {
	for (const [line, path] of [
		['COPY tree/ /', 'tree/.wh.etc'],
		['COPY tree/ /', 'tree/d/.wh..wh..opq'],
		['COPY tree/ /', 'tree/.wh.d/x'],
		['COPY --link tree/x /.wh.etc', 'tree/x'],
		['COPY tree/x /.wh.etc/', 'tree/x'],
		['ADD tree/.wh.etc /', 'tree/.wh.etc'],
		['WORKDIR /.wh.etc', 'tree/x'],
	] as const) {
		const {code, stderr} = await place.build(busyboxFiles(`${line}\nRUN cat /etc/passwd\n`, {[path]: ''}));
		t.is(code, 1, stderr);
		t.regex(stderr, /error\[step\/copy-whiteout-name\]/v, line);
	}
	// In a step it is the deletion that everybody else will take it for.
	const made = busyboxFiles(
		'RUN mkdir /d && touch /d/f /.wh.etc /.wh. /.wh.. /.wh... /d/.wh. /d/.wh.. /d/.wh... && mkdir /.wh.x\nRUN ls / > /out\n',
	);
	const lines = pathsOf(await listResult(t, place, made)).filter((line) => !line.startsWith('bin/'));
	t.deepEqual(lines, ['d/', 'd/f', 'out']);
});

const packers = ['gzip', 'zstd', 'xz', 'bzip2'].filter(hasProgram);

test.serial('L10: an archive with more behind its end, or cut anywhere, does not stall', async (t) => {
	const tar = makeTar([file('f', 'x'.repeat(100_000))]);
	const behind = Buffer.concat([tar, Buffer.alloc(4_000_000, 'more'), tar]);
	const cases: [string, Buffer, boolean][] = [['plain', behind, true]];
	for (const packer of packers) {
		const pack = (bytes: Buffer): Buffer => execFileSync(packer, ['-c', '-1'], {input: bytes, maxBuffer: 1e9});
		cases.push([packer, pack(behind), true]);
		cases.push([`${packer} with rubbish behind`, Buffer.concat([pack(tar), Buffer.alloc(5_000_000, 'rubbish')]), false]);
		cases.push([`${packer} cut`, pack(behind).subarray(0, -9), false]);
		cases.push([`${packer} that is broken early`, Buffer.concat([pack(tar).subarray(0, 30), Buffer.alloc(5_000_000, 7)]), false]);
	}
	for (const [what, bytes, isGood] of cases) {
		for (const boxfile of ['FROM tar:x.tar', 'FROM scratch\nADD x.tar /']) {
			const context = place.context({Boxfile: `${boxfile}\n`, 'x.tar': bytes});
			const {code, stderr, milliseconds, signal} = await place.build(context, [], {longest: 60_000});
			t.is(signal, null, `${what} ${boxfile}`);
			t.true(milliseconds < 60_000);
			t.true(isGood ? code === 0 : code !== null && code <= 4, `${what} ${boxfile}: ${code} ${stderr}`);
		}
		const received = await place.boxbuild(['build', '-'], {input: bytes, longest: 60_000});
		t.true(received.code === 2 || received.code === 4, `${what}: ${received.stderr}`);
		const imported = await place.boxbuild(['import', '-t', 'x', '-'], {input: bytes, longest: 60_000});
		t.true(imported.code !== null && imported.code <= 4, `${what}: ${imported.stderr}`);
	}
});

test.serial('L11: a layout whose blobs are links to the outside', async (t) => {
	const tar = makeTar([file('f')]);
	for (const victimOf of ['layer', 'index.json', 'oci-layout', 'blobs'] as const) {
		const context = place.context({Boxfile: 'FROM oci:layout\n'});
		writeLayout(tar, `${context}/layout`);
		const path =
			victimOf === 'layer' ? (await printedBy(['grep', '-rl', 'evil', `${context}/layout/blobs`])).trim() : `${context}/layout/${victimOf}`;
		rmSync(path, {recursive: true});
		symlinkSync(victimOf === 'blobs' ? out : victim.file, path);
		const {code, stderr} = await place.build(context);
		t.true(code === 2 || code === 4, stderr);
		victim.isUntouched(t, victimOf, stderr);
	}
});

when([busybox, manyIds], 'L14: set-user-ID bits and capabilities survive the change of owner', async (t) => {
	// struct vfs_cap_data, revision 2: cap_net_raw permitted and effective.
	const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex').toString('latin1');
	const members = [
		member('file', 'suid', 'x', {mode: 0o6755, uid: 5, gid: 6}),
		member('file', 'cap', 'x', {mode: 0o755, uid: 7, gid: 8, xattrs: {'security.capability': capability}}),
		member('directory', 'sgid', '', {mode: 0o3775, uid: 9, gid: 10}),
	];
	for (const [medium, {from, wrap}] of Object.entries(media)) {
		const context = place.context(busyboxFiles(''));
		wrap(makeTar(members), context);
		const add = 'FROM scratch AS last\nCOPY --from=image / /\n';
		writeFileSync(`${context}/Boxfile`, `${from.replace(/^FROM (\S+)/v, 'FROM $1 AS image')}\n${add}`);
		const result = place.fresh('result.tar');
		for (const target of ['image', 'last']) {
			await place.built(t, context, ['--target', target, '-o', `type=tar,dest=${result}`]);
			const listed = await printedBy(['tar', '--numeric-owner', '--xattrs', '--xattrs-include=*', '-tvvf', result]);
			t.regex(listed, /^-rwsr-sr-x.? +5\/6 .* suid$/mv, `${medium} ${target}`);
			t.regex(listed, /^-rwxr-xr-x\* +7\/8 .* cap\n +x: 20 security\.capability$/mv, `${medium} ${target}\n${listed}`);
			t.regex(listed, /^drwxrwsr-t.? +9\/10 .* sgid\/$/mv, `${medium} ${target}`);
		}
	}
});
