import {execFile} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
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

/** By node:child_process: execa takes 15 ms to load, and the worker waits for this. Throws what the program says. */
function run(program: string, args: readonly string[], {path}: Builder): Promise<void> {
	return new Promise((resolve, reject) => {
		execFile(program, args, {env: {PATH: path.join(':')}}, (error, _, stderr) => {
			if (error === null) resolve();
			else reject(new Error(stderr.trim() === '' ? error.message : `${program}: ${stderr.trim()}`));
		});
	});
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
