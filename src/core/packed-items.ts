import {createHash} from 'node:crypto';
import type {Digest} from './digest.ts';
import {joinRaw, type RawPath} from './raw-path.ts';
import type {TreeEntry, TreeItem} from './tree-entry.ts';

/**
 * Items in columns. Between processes and threads 50 000 entries take 500 ms as objects and 15 ms so. Texts of all entries stand in one string, each
 * with a NUL after it, which no path has.
 */
export interface PackedItems {
	/** `base`: the source of the item itself. */
	readonly items: readonly {readonly name: RawPath; readonly isDirectory: boolean; readonly base: RawPath; readonly entries: number}[];
	/** Of all entries. */
	readonly entries: number;
	/** Bytes of all contents. */
	readonly bytes: number;
	readonly paths: string;
	/** Of entries whose source is not their path below the base. */
	readonly sources: string;
	readonly links: string;
	readonly inodes: string;
	/** `sha256:` and 64 digits each, nothing between. */
	readonly digests: string;
	/** Mode and what there is of the rest, by bit: see below. */
	readonly kinds: Uint32Array;
	/** uid, gid, size, mtime. */
	readonly numbers: Float64Array;
}

const types = ['file', 'directory', 'symlink', 'fifo'] as const;
const typeShift = 12;
const hasSource = 1 << 16;
const hasLink = 1 << 17;
const hasInode = 1 << 18;
const hasDigest = 1 << 19;
const numbersEach = 4;
const digestLength = 'sha256:'.length + 64;

export function packItems(items: readonly TreeItem[]): PackedItems {
	const count = items.reduce((sum, {entries}) => sum + entries.length, 0);
	const kinds = new Uint32Array(count);
	const numbers = new Float64Array(count * numbersEach);
	const texts = {paths: '', sources: '', links: '', inodes: '', digests: ''};
	let at = 0;
	let bytes = 0;
	const heads = items.map(({name, isDirectory, entries}) => {
		const base = entries[0]?.source ?? ('' as RawPath);
		for (const entry of entries) {
			const {path, source, link, inode, digest} = entry;
			let kind = entry.mode | (types.indexOf(entry.type) << typeShift);
			texts.paths += `${path}\0`;
			if (source !== sourceOf(base, path)) {
				kind |= hasSource;
				texts.sources += `${source}\0`;
			}
			if (link !== undefined) {
				kind |= hasLink;
				texts.links += `${link}\0`;
			}
			if (inode !== undefined) {
				kind |= hasInode;
				texts.inodes += `${inode}\0`;
			}
			if (digest !== undefined) {
				kind |= hasDigest;
				texts.digests += digest;
			}
			kinds[at] = kind;
			numbers.set([entry.uid, entry.gid, entry.size, entry.mtime], at * numbersEach);
			bytes += entry.size;
			at += 1;
		}
		return {name, isDirectory, base, entries: entries.length};
	});
	return {items: heads, entries: count, bytes, ...texts, kinds, numbers};
}

/** `wanted`: only the entries at these positions of the whole. */
export function unpackItems(packed: PackedItems, wanted?: ReadonlySet<number>): TreeItem[] {
	const {kinds, numbers} = packed;
	const paths = textsOf(packed.paths);
	const sources = textsOf(packed.sources);
	const links = textsOf(packed.links);
	const inodes = textsOf(packed.inodes);
	const digests = digestsOf(packed);
	let at = 0;
	return packed.items.map(({name, isDirectory, base, entries: count}) => {
		const entries: TreeEntry[] = [];
		for (const end = at + count; at < end; at++) {
			const kind = kinds[at] ?? 0;
			const path = paths.next() as RawPath;
			const source = (kind & hasSource) === 0 ? undefined : (sources.next() as RawPath);
			const link = (kind & hasLink) === 0 ? undefined : links.next();
			const inode = (kind & hasInode) === 0 ? undefined : inodes.next();
			const digest = digests.next(kind);
			if (wanted?.has(at) === false) continue;
			const entry: TreeEntry = {
				source: source ?? sourceOf(base, path),
				path,
				type: types[(kind >>> typeShift) & 3] ?? 'file',
				mode: kind & 0o7777,
				uid: numbers[at * numbersEach] ?? 0,
				gid: numbers[at * numbersEach + 1] ?? 0,
				size: numbers[at * numbersEach + 2] ?? 0,
				mtime: numbers[at * numbersEach + 3] ?? 0,
				digest,
			};
			const isPlain = link === undefined && inode === undefined;
			entries.push(isPlain ? entry : {...entry, ...(link === undefined ? {} : {link}), ...(inode === undefined ? {} : {inode})});
		}
		return {name, isDirectory, entries};
	});
}

/** Digest of all but contents, sizes and times: of names, types, modes, links, owners, and which files have a digest. */
export function shapeOf({items, paths, sources, links, inodes, kinds, numbers}: PackedItems): Digest {
	const owners = new Float64Array(kinds.length * 2);
	for (let at = 0; at < kinds.length; at++) {
		owners[at * 2] = numbers[at * numbersEach] ?? 0;
		owners[at * 2 + 1] = numbers[at * numbersEach + 1] ?? 0;
	}
	const hash = createHash('sha256');
	const texts = [JSON.stringify(items), paths, sources, links, inodes];
	hash.update(`${kinds.length} ${texts.map(({length}) => length).join(' ')}\n`);
	for (const text of texts) hash.update(text, 'utf8');
	return `sha256:${hash.update(kinds).update(owners).digest('hex')}` as Digest;
}

/** Positions of files whose contents differ; `before`: the digests of items of the same shape. */
export function changedContents(before: string, {kinds, digests}: Pick<PackedItems, 'kinds' | 'digests'>): number[] {
	const changed: number[] = [];
	const [left, right] = [digestsOf({digests: before}), digestsOf({digests})];
	for (const [at, kind] of kinds.entries()) if (left.next(kind) !== right.next(kind)) changed.push(at);
	return changed;
}

function digestsOf({digests}: Pick<PackedItems, 'digests'>): {next(kind: number): Digest | undefined} {
	let at = 0;
	return {
		next(kind) {
			if ((kind & hasDigest) === 0) return undefined;
			at += digestLength;
			return digests.slice(at - digestLength, at) as Digest;
		},
	};
}

function sourceOf(base: RawPath, path: RawPath): RawPath {
	return path === '' ? base : joinRaw(base, path);
}

function textsOf(all: string): {next(): string} {
	let at = 0;
	return {
		next() {
			const end = all.indexOf('\0', at);
			const text = all.slice(at, end);
			at = end + 1;
			return text;
		},
	};
}
