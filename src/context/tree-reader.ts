import {lstatSync, readdirSync, readlinkSync, type Stats} from 'node:fs';
import {type Owner, ownerOf} from '../core/owner-mark.ts';
import {hostPath, type RawPath, textOf} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {sourceUnreadable} from '../diagnostics/context.ts';
import {errnoOf} from '../host/errno.ts';
import {readOwnerMark} from '../host/owner-xattr.ts';
import type {SelectedEntry} from './selection.ts';

/** Looks at one tree of the host, below a root that it never leaves. */
export interface TreeReader {
	readonly root: string;
	/** Undefined when nothing is there. The last component is not followed; the ones before must be directories already. */
	stat(path: RawPath): Stats | undefined;
	/** Names in byte order. */
	list(directory: RawPath): string[];
	readLink(path: RawPath): string;
}

/** More files than `SelectOptions.most`. */
export class TooManyFiles extends Error {
	override readonly name = 'TooManyFiles';
}

/** The same reader, that looks at so many files only. Throws TooManyFiles. */
export function limitReader(reader: TreeReader, most: number): TreeReader {
	let left = most;
	return {
		...reader,
		stat(path) {
			left -= 1;
			if (left < 0) throw new TooManyFiles();
			return reader.stat(path);
		},
	};
}

export function makeTreeReader(root: string): TreeReader {
	return {
		root,
		// The hot one: no closure per file.
		stat(path) {
			try {
				return lstatSync(nativePath(root, path), noThrow);
			} catch (error) {
				if (errnoOf(error) === 'ENOTDIR') return undefined;
				throw unreadable(path, error);
			}
		},
		list(directory) {
			try {
				return readdirSync(nativePath(root, directory), {encoding: 'latin1'}).sort();
			} catch (error) {
				throw unreadable(directory, error);
			}
		},
		readLink(path) {
			try {
				return readlinkSync(nativePath(root, path), {encoding: 'latin1'});
			} catch (error) {
				throw unreadable(path, error);
			}
		},
	};
}

const noThrow = {throwIfNoEntry: false} as const;

function unreadable(path: RawPath, error: unknown): BuildError {
	return new BuildError(sourceUnreadable(textOf(path) || '.', errnoOf(error)), {cause: error});
}

/** A text when all is ASCII (Node copies it faster), else the bytes. The root may be a link of /proc/PID/fd, so it is looked at through `.`. */
export function nativePath(root: string, path: RawPath): string | Buffer {
	// oxlint-disable-next-line no-control-regex -- ASCII is what is asked for
	return /^[\x00-\x7f]*$/.test(path) ? (path === '' ? `${root}/.` : `${root}/${path}`) : hostPath(root, path);
}

/** A file's entry; undefined for what no layer holds (sockets, devices). */
export function entryOf(reader: TreeReader, source: RawPath, path: RawPath, stats: Stats, keepIds: boolean): SelectedEntry | undefined {
	const type = stats.isFile()
		? 'file'
		: stats.isDirectory()
			? 'directory'
			: stats.isSymbolicLink()
				? 'symlink'
				: stats.isFIFO()
					? 'fifo'
					: undefined;
	if (type === undefined) return undefined;
	const {dev, ino, mtimeMs, ctimeMs} = stats;
	const {uid, gid} = keepIds ? ownerAt(reader.root, source, stats) : {uid: 0, gid: 0};
	const entry = {
		source,
		path,
		type,
		mode: stats.mode & 0o7777,
		uid,
		gid,
		size: type === 'file' ? stats.size : 0,
		mtime: Math.floor(mtimeMs / 1000),
		stamp: {dev, ino, mtimeMs, ctimeMs},
		digest: undefined,
	} as const;
	if (type === 'symlink') return {...entry, link: reader.readLink(source)};
	return type !== 'directory' && stats.nlink > 1 ? {...entry, inode: `${dev}:${ino}`} : entry;
}

function ownerAt(root: string, path: RawPath, stats: Stats): Owner {
	return ownerOf(readOwnerMark(hostPath(root, path === '' ? ('.' as RawPath) : path), stats.isFile() || stats.isDirectory()), stats);
}
