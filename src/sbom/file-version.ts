import type {DiffId} from '../core/digest.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {TarEntry} from '../tar/entry.ts';

/** A layer as the search for packages sees it. */
export interface SbomLayer {
	readonly diffId: DiffId;
	/** The index, whiteouts included; needed only until the next layer comes. */
	readonly entries: readonly TarEntry[];
	/** So many bytes of a regular file (or hard link) of the index, as far as its size goes. Throws when they are not there. */
	readonly read: (path: RawPath, offset: number, length: number) => Uint8Array;
}

/** The layers of an image, bottom first; each may be made when it is its turn. */
export type LayeredFiles = Iterable<SbomLayer>;

/** A regular file as one layer has it. */
export interface FileVersion {
	readonly layer: number;
	readonly diffId: DiffId;
	readonly path: RawPath;
	readonly mode: number;
	readonly size: number;
	/** Of a symlink: its target (bytes as latin1). Such a version has no content. */
	readonly link?: string;
	/** Equal in all hard links of a layer's file. */
	readonly identity: string;
	read(offset: number, length: number): Uint8Array;
}

/** What is visible at some layer of the files that a cataloger asked for. */
export type VisibleFiles = ReadonlyMap<RawPath, FileVersion>;

/** Tells what is wrong with a file. */
export type Report = (file: FileVersion, text: string) => void;

/** All bytes of a file; reports one that is larger than the limit and returns undefined. */
export function readWhole(file: FileVersion, limit: number, report: Report): Uint8Array | undefined {
	if (file.size <= limit) return file.read(0, file.size);
	report(file, `it has ${file.size} bytes, ${limit} are read at most`);
	return undefined;
}

/** The version that an index entry means; a hard link is the file it names. Undefined for what is neither a file nor a symlink. */
export function versionOf(
	entry: TarEntry,
	layer: {readonly index: number; readonly files: SbomLayer},
	find: FindEntry,
): FileVersion | undefined {
	const {
		index,
		files: {diffId, read},
	} = layer;
	const target = entry.type === 'hardlink' ? find(entry.link ?? '') : entry;
	const {path} = entry;
	if (target === undefined || (target.type !== 'file' && target.type !== 'symlink')) return undefined;
	const {size} = target;
	return {
		layer: index,
		diffId,
		path,
		mode: target.mode,
		size,
		...(target.type === 'symlink' ? {link: target.link ?? ''} : {}),
		identity: `${index}:${target.path}`,
		read(offset, length) {
			const left = Math.min(length, size - offset);
			return left > 0 ? read(path, offset, left) : new Uint8Array(0);
		},
	};
}

/** The entry of a path in the same layer. */
export type FindEntry = (path: string) => TarEntry | undefined;
