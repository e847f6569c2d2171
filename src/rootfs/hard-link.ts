import type {RawPath} from '../core/raw-path.ts';
import type {TarEntry} from '../tar/entry.ts';

/** The entry of a further name of the file at `first`: the same owner, mode and time, no content. */
export function hardLinkEntry(entry: TarEntry, path: RawPath, first: RawPath): TarEntry {
	const {mode, uid, gid, mtime} = entry;
	return {path, type: 'hardlink', mode, uid, gid, size: 0, mtime, link: first};
}
