import type {Json} from '../core/canonical-json.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {ImageFiles} from '../executor/image-files.ts';
import type {TarEntry} from '../tar/entry.ts';
import {pathText, xattrDocument} from './print-entry.ts';

/** One thing that differs: its name, and both values where they say more than that. */
export interface Difference {
	readonly what: 'type' | 'content' | 'size' | 'mode' | 'owner' | 'link' | 'device' | 'xattrs' | 'time';
	readonly before?: Json;
	readonly after?: Json;
}

/** A path that two images do not share, or not with the same properties. */
export type Change =
	| {readonly kind: 'added' | 'removed'; readonly path: RawPath; readonly entry: TarEntry}
	| {readonly kind: 'changed'; readonly path: RawPath; readonly differences: readonly Difference[]};

/** Paths that are regular files of the same size in both, so that only their contents can tell; those of one origin are the same. */
export function undecided(one: ImageFiles, other: ImageFiles): RawPath[] {
	return [...one.entries.values()].flatMap((before) => {
		const after = other.entries.get(before.path);
		if (after === undefined || one.originOf(before) === other.originOf(after)) return [];
		const [left, right] = [fileOf(one, before), fileOf(other, after)];
		return left.type === 'file' && right.type === 'file' && left.size === right.size && left.size > 0 ? [before.path] : [];
	});
}

/** Everything that differs, by path; `differing` are those of the undecided paths whose contents differ. */
export function compareImages(
	one: ImageFiles,
	other: ImageFiles,
	{differing, times}: {readonly differing: ReadonlySet<RawPath>; readonly times: boolean},
): Change[] {
	const changes: Change[] = [];
	const paths = new Set([...one.entries.keys(), ...other.entries.keys()]);
	for (const path of [...paths].sort()) {
		const before = one.entries.get(path);
		const after = other.entries.get(path);
		if (after === undefined && before !== undefined) changes.push({kind: 'removed', path, entry: before});
		if (before === undefined && after !== undefined) changes.push({kind: 'added', path, entry: after});
		if (before === undefined || after === undefined) continue;
		const differences = [
			...contentDifferences(fileOf(one, before), fileOf(other, after), differing.has(path)),
			...linkDifferences(before, after),
			...attributeDifferences(before, after, times),
		];
		if (differences.length > 0) changes.push({kind: 'changed', path, differences});
	}
	return changes;
}

/** A hard link has the content of what it names. */
function fileOf(files: ImageFiles, entry: TarEntry): TarEntry {
	return entry.type === 'hardlink' ? (files.entries.get((entry.link ?? '') as RawPath) ?? entry) : entry;
}

function contentDifferences(before: TarEntry, after: TarEntry, isOther: boolean): Difference[] {
	if (before.type !== after.type) return [{what: 'type', before: before.type, after: after.type}];
	if (before.size !== after.size) return [{what: 'content'}, {what: 'size', before: before.size, after: after.size}];
	const numbers = ({device}: TarEntry): string | null => (device === undefined ? null : `${device.major},${device.minor}`);
	return [...(isOther ? [{what: 'content'} as const] : []), ...differing('device', numbers(before), numbers(after))];
}

/** Targets of symbolic links, and names of the same file. */
function linkDifferences(before: TarEntry, after: TarEntry): Difference[] {
	const target = ({link}: TarEntry): string | null => (link === undefined ? null : pathText(link as RawPath));
	return before.link === after.link ? [] : [{what: 'link', before: target(before), after: target(after)}];
}

function attributeDifferences(before: TarEntry, after: TarEntry, times: boolean): Difference[] {
	const xattrs = ({xattrs: values}: TarEntry): Json => xattrDocument(values ?? {});
	return [
		...differing('mode', octal(before.mode), octal(after.mode)),
		...differing('owner', `${before.uid}:${before.gid}`, `${after.uid}:${after.gid}`),
		...differing('xattrs', xattrs(before), xattrs(after)),
		...(times ? differing('time', timeOf(before), timeOf(after)) : []),
	];
}

function differing(what: Difference['what'], before: Json, after: Json): Difference[] {
	return JSON.stringify(before) === JSON.stringify(after) ? [] : [{what, before, after}];
}

function octal(mode: number): string {
	return mode.toString(8).padStart(4, '0');
}

function timeOf({mtime}: TarEntry): string {
	return new Date(mtime * 1000).toISOString().replace('.000Z', 'Z');
}
