import {baseOf, joinRaw, parentOf} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {TarEntry} from './entry.ts';

/** Prefix of the file that deletes its namesake below (OCI image-spec, layer.md#whiteouts). */
export const whiteoutPrefix = '.wh.';
/** The file that hides everything that lower layers have in its directory (OCI image-spec, layer.md#opaque-whiteout). */
export const opaqueName = '.wh..wh..opq';

/** The path that a whiteout file deletes; undefined when `path` is no whiteout (an opaque marker is none). */
export function deletedBy(path: RawPath): RawPath | undefined {
	const base = baseOf(path);
	if (!base.startsWith(whiteoutPrefix) || base === opaqueName) return undefined;
	return joinRaw(parentOf(path) ?? path, base.slice(whiteoutPrefix.length));
}

/** The entry that deletes `path`. */
export function whiteoutEntry(path: RawPath): TarEntry {
	return {path: joinRaw(parentOf(path) ?? path, whiteoutPrefix + baseOf(path)), type: 'file', mode: 0, uid: 0, gid: 0, size: 0, mtime: 0};
}

/** The entry that hides what lower layers have in `directory`. */
export function opaqueEntry(directory: RawPath): TarEntry {
	return {path: joinRaw(directory, opaqueName), type: 'file', mode: 0, uid: 0, gid: 0, size: 0, mtime: 0};
}
