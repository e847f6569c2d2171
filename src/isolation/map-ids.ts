import {closeSync, openSync, readFileSync, writeFileSync} from 'node:fs';
import {isExecutable} from '../host/is-executable.ts';
import {openPipe} from '../host/pipe.ts';
import {endOf, spawnProcess} from '../host/spawn-process.ts';
import type {Builder, Entry} from './id-mode.ts';
import {parseIdMap} from './id-map.ts';

/** Gives the user namespace of a process its ids (user_namespaces(7)). Throws what newuidmap(1) or the kernel says. */
export async function mapIds(pid: number, {map}: Extract<Entry, {kind: 'user'}>, builder: Builder): Promise<void> {
	if (map === 'range') {
		await Promise.all([
			run('newuidmap', [String(pid), ...mapping(builder.uid, subordinateRanges('/etc/subuid', builder))], builder),
			run('newgidmap', [String(pid), ...mapping(builder.gid, subordinateRanges('/etc/subgid', builder))], builder),
		]);
		return;
	}
	if (map === 'all') {
		for (const file of ['uid_map', 'gid_map']) writeFileSync(`/proc/${pid}/${file}`, sameIds(readFileSync(`/proc/self/${file}`, 'utf8')));
		return;
	}
	// Without this the kernel refuses a gid map to somebody without privileges.
	writeFileSync(`/proc/${pid}/setgroups`, 'deny');
	writeFileSync(`/proc/${pid}/uid_map`, `0 ${builder.uid} 1`);
	writeFileSync(`/proc/${pid}/gid_map`, `0 ${builder.gid} 1`);
}

/** Runs a program of the builder's PATH, which says less than a pipe holds. Throws what it says. */
async function run(program: string, args: readonly string[], {path}: Builder): Promise<void> {
	const directory = path.find((directory) => isExecutable(`${directory}/${program}`));
	if (directory === undefined) throw new Error(`${program} is not installed`);
	const input = openSync('/dev/null', 'r');
	const said = openPipe();
	let pid: number;
	try {
		const descriptors = [input, said.writeEnd, said.writeEnd];
		pid = spawnProcess({path: `${directory}/${program}`, args: [program, ...args], env: [`PATH=${path.join(':')}`], descriptors});
	} catch (error) {
		closeSync(said.readEnd);
		throw error;
	} finally {
		for (const descriptor of [input, said.writeEnd]) closeSync(descriptor);
	}
	try {
		if ((await endOf(pid)) === 0) return;
		const words = readFileSync(said.readEnd, 'utf8').trim();
		throw new Error(words === '' ? `${program} fails` : words);
	} finally {
		closeSync(said.readEnd);
	}
}

/** The map of a namespace below this one in which every id is what it is here. */
function sameIds(map: string): string {
	return parseIdMap(map)
		.map(({first, count}) => `${first} ${first} ${count}\n`)
		.join('');
}

export interface SubordinateRange {
	readonly first: number;
	readonly count: number;
}

/** The ranges that a file gives a builder; lines are NAME-or-UID:FIRST:COUNT (subuid(5)). None when the file cannot be read. */
export function subordinateRanges(file: string, builder: Pick<Builder, 'uid' | 'name'>): readonly SubordinateRange[] {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch {
		return [];
	}
	return text.split('\n').flatMap((line) => {
		const [owner, first, count] = line.split(':');
		const isOurs = owner === builder.name || owner === String(builder.uid);
		return isOurs && Number(count) > 0 ? [{first: Number(first), count: Number(count)}] : [];
	});
}

/** Arguments of newuidmap(1): the builder is 0, then its ranges one after the other. */
export function mapping(own: number, ranges: readonly SubordinateRange[]): string[] {
	const triples = [[0, own, 1]];
	let inside = 1;
	for (const {first, count} of ranges) {
		triples.push([inside, first, count]);
		inside += count;
	}
	return triples.flat().map(String);
}
