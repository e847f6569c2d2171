import {closeSync, openSync, readFileSync, writeFileSync} from 'node:fs';
import {basename} from 'node:path';
import {isExecutable} from '../host/is-executable.ts';
import {openPipe} from '../host/pipe.ts';
import {endOf, spawnProcess} from '../host/spawn-process.ts';
import type {Builder, Entry} from './id-mode.ts';
import {parseIdMap} from './id-map.ts';

/** How a process gets the ids of its user namespace (user_namespaces(7)). Plain data: the same for every build of a builder. */
export interface IdMapping {
	/** newuidmap(1) and newgidmap(1), told the process id before these arguments. */
	readonly programs: readonly {readonly file: string; readonly args: readonly string[]}[];
	/** Files of /proc/PID, in this order. */
	readonly files: readonly {readonly name: string; readonly text: string}[];
	/** Of the programs. */
	readonly path: string;
}

/** Throws what is missing. */
export function mappingFor({map}: Extract<Entry, {kind: 'user'}>, builder: Builder): IdMapping {
	const path = builder.path.join(':');
	if (map === 'range') {
		const programs = [
			{file: find('newuidmap', builder), args: mapping(builder.uid, subordinateRanges('/etc/subuid', builder))},
			{file: find('newgidmap', builder), args: mapping(builder.gid, subordinateRanges('/etc/subgid', builder))},
		];
		return {programs, files: [], path};
	}
	if (map === 'all') {
		const files = ['uid_map', 'gid_map'].map((name) => ({name, text: sameIds(readFileSync(`/proc/self/${name}`, 'utf8'))}));
		return {programs: [], files, path};
	}
	const files = [
		// Without this the kernel refuses a gid map to somebody without privileges.
		{name: 'setgroups', text: 'deny'},
		{name: 'uid_map', text: `0 ${builder.uid} 1`},
		{name: 'gid_map', text: `0 ${builder.gid} 1`},
	];
	return {programs: [], files, path};
}

function find(program: string, {path}: Builder): string {
	const directory = path.find((directory) => isExecutable(`${directory}/${program}`));
	if (directory === undefined) throw new Error(`${program} is not installed`);
	return `${directory}/${program}`;
}

/** Gives a process its ids, all at the same time. What is returned waits for that, and throws what a program or the kernel says. */
export function startMapping(pid: number, {programs, files, path}: IdMapping): () => Promise<void> {
	try {
		for (const {name, text} of files) writeFileSync(`/proc/${pid}/${name}`, text);
		const ends = programs.map(({file, args}) => start(file, [String(pid), ...args], path));
		return async () => void (await Promise.all(ends.map((end) => end())));
	} catch (error) {
		return () => Promise.reject(error as Error);
	}
}

/** Starts a program that says less than a pipe holds; what is returned waits for its end and throws what it says. */
function start(file: string, args: readonly string[], path: string): () => Promise<void> {
	const input = openSync('/dev/null', 'r');
	const said = openPipe();
	let pid: number;
	try {
		const descriptors = [input, said.writeEnd, said.writeEnd];
		pid = spawnProcess({path: file, args: [basename(file), ...args], env: [`PATH=${path}`], descriptors});
	} catch (error) {
		closeSync(said.readEnd);
		throw error;
	} finally {
		for (const descriptor of [input, said.writeEnd]) closeSync(descriptor);
	}
	return async () => {
		try {
			if ((await endOf(pid)) === 0) return;
			const words = readFileSync(said.readEnd, 'utf8').trim();
			throw new Error(words === '' ? `${basename(file)} fails` : words);
		} finally {
			closeSync(said.readEnd);
		}
	};
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
