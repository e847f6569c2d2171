// Asks for the facts of a copy over many file systems, as root of a namespace; prints them as JSON, with what unpacking with a prefix makes.
import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {rawOf} from '../../src/core/raw-path.ts';
import type {TreeEntry, TreeItem} from '../../src/core/tree-entry.ts';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {applyLayer} from '../../src/rootfs/apply-layer.ts';
import {copyFacts} from '../../src/rootfs/copy-facts.ts';
import {removeTree} from '../../src/rootfs/remove-tree.ts';
import {everyId} from '../support/every-id.ts';
import {makeTar, pieces} from '../support/make-tar.ts';
import {factsCases, lowerOfFacts} from './facts-cases.ts';
import {type PrefixCase, prefixCases} from './prefix-cases.ts';

const work = mkdtempSync(join(tmpdir(), 'boxbuild-facts-'));
let count = 0;

function made(script: string): string {
	const directory = join(work, `${count++}`);
	mkdirSync(directory);
	execFileSync('sh', ['-euc', `umask 022; ${script}`], {cwd: directory});
	return directory;
}

function entry(path: string, type: TreeEntry['type']): TreeEntry {
	return {source: rawOf(path), path: rawOf(path), type, mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0};
}

const items: readonly TreeItem[] = [
	{name: rawOf('f'), isDirectory: false, entries: [entry('', 'file')]},
	{name: rawOf('d'), isDirectory: true, entries: [entry('', 'directory'), entry('e', 'directory'), entry('e/g', 'file')]},
];

function factsOver(mutation: string): unknown {
	const lower = made(`${lowerOfFacts}; ${mutation}`);
	const sources = items.map((item) => ({root: '/nowhere', item}));
	return copyFacts({lower, items: sources, files: [{name: 'i', content: 'x'}], destination: '/app/link/sub/'});
}

async function unpackAt({lower, members, prefix}: PrefixCase): Promise<unknown> {
	const directory = made(':');
	try {
		const index = await applyLayer(pieces(makeTar(members)), directory, {
			lower: made(`${lower ?? ':'}; find . -exec touch -hd @5 {} +`),
			mapped: everyId,
			prefix: rawOf(prefix),
			prefixTime: 9,
		});
		return index.map(({path, type, mtime, link}) => `${type} ${path} ${mtime}${link === undefined ? '' : ` ${link}`}`);
	} catch (error) {
		return error instanceof BuildError ? error.diagnostics[0]?.data?.['kind'] : String(error);
	}
}

try {
	const unpacked: unknown[] = [];
	for (const one of prefixCases) unpacked.push(await unpackAt(one));
	process.stdout.write(JSON.stringify({facts: factsCases.map(({mutation}) => factsOver(mutation)), unpacked}));
} finally {
	removeTree(work);
}
