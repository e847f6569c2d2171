// Unpacks archives as ADD does it, as root of a namespace; prints the index of each layer as JSON.
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {rawOf} from '../../src/core/raw-path.ts';
import type {TreeItem} from '../../src/core/tree-entry.ts';
import {copyFiles, type OpenTask} from '../../src/executor/worker/copy-task.ts';
import {fileStat} from '../../src/host/file-stat.ts';
import {everyId} from '../support/every-id.ts';
import {diffIdOf} from '../../src/rootfs/layer-chunks.ts';
import {removeTree} from '../../src/rootfs/remove-tree.ts';
import {scanUpper} from '../../src/rootfs/scan-upper.ts';

const [, , programs = ''] = process.argv;
const work = mkdtempSync(join(tmpdir(), 'boxbuild-add-'));
const source = join(work, 'source');
process.umask(0o022);
for (const name of ['source', 'lower', 'lower/real', 'empty']) mkdirSync(join(work, name));
execFileSync('ln', ['-s', 'real', join(work, 'lower/link')]);
execFileSync('touch', ['-d', '@3', join(work, 'lower/real')]);
execFileSync(
	'sh',
	[
		'-euc',
		`mkdir -p 1/d 2/d/e
		echo one > 1/d/one; ln 1/d/one 1/h; ln -s d 1/l; echo first > 1/x; setfattr -n user.a -v 1 1/d; chmod 750 1/d
		echo two > 2/d/two; ln 2/d/two 2/h2; echo new > 2/d/one; echo e > 2/d/e/f; chmod 700 2/d
		echo plain > x; echo last > y; echo i > i
		find 1 -exec touch -hd @11 {} +; find 2 -exec touch -hd @22 {} +
		chown -hR 7:8 1 2
		tar --xattrs --sort=name --numeric-owner --format=posix --pax-option=exthdr.name=p,delete=atime,delete=ctime -C 1 -cf one.tar .
		tar --sort=name --numeric-owner -C 2 -cf two.tar d h2
		for program in ${programs}; do $program -kc one.tar > one.$program; done; rm -r 1 2`,
	],
	{cwd: source},
);

function itemOf(name: string): TreeItem {
	const path = rawOf(name);
	const stat = fileStat(Buffer.from(`${source}/${name}`));
	if (stat === undefined || stat.type !== 'file') throw new Error(`${name} is no file`);
	const {type, mode, uid, gid, size, mtime} = stat;
	return {name: path, isDirectory: false, entries: [{source: path, path: rawOf(''), type, mode, uid, gid, size, mtime}]};
}

let count = 0;

async function add(
	names: readonly string[],
	{unpack = true, ...options}: Partial<OpenTask> & {readonly unpack?: boolean} = {},
): Promise<unknown> {
	const directory = join(work, `layer${count++}`);
	mkdirSync(directory);
	const {index} = await copyFiles({
		directory,
		lower: join(work, 'lower'),
		emptyRoot: join(work, 'empty'),
		sources: names.map((name) => ({root: source, item: itemOf(name), unpack})),
		inline: [],
		destination: '/dst/',
		several: false,
		keepOwner: false,
		mtime: 5,
		link: false,
		ids: {...everyId, canSetGroups: true},
		...options,
	});
	const {diffId} = diffIdOf(directory, index);
	// What is on disk is what the index says.
	const scanned = scanUpper(directory, {mapped: everyId, lower: join(work, 'lower'), times: {kind: 'keep'}});
	const shown = index.map(
		({path, type, mode, uid, gid, size, mtime, link, xattrs}) =>
			`${path} ${type} ${mode.toString(8)} ${uid}:${gid} ${size} ${mtime}${link === undefined ? '' : ` ${link}`}${Object.keys(xattrs ?? {}).join()}`,
	);
	return {index: shown, isOnDisk: diffId === diffIdOf(directory, scanned).diffId, diffId};
}

try {
	const results = {
		one: await add(['one.tar']),
		owned: await add(['one.tar', 'x', 'two.tar', 'y'], {chown: '10:20', inline: [{name: 'i', content: 'inline'}]}),
		mixed: await add(['x', 'one.tar', 'two.tar'], {destination: '/link'}),
		again: await add(['one.tar', 'one.tar']),
		kept: await add(['one.tar'], {unpack: false}),
		packed: await Promise.all(programs.split(' ').map((program) => add([`one.${program}`]))),
	};
	process.stdout.write(JSON.stringify(results));
} finally {
	removeTree(work);
}
