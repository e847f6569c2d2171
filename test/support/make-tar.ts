import type {RawPath} from '../../src/core/raw-path.ts';
import type {TarEntry} from '../../src/tar/entry.ts';
import {encodeEntry, endOfArchive, paddingOf} from '../../src/tar/write-entry.ts';

export interface Member {
	readonly entry: TarEntry;
	readonly content: Buffer;
}

/** A member of an archive; a path may break every rule. */
export function member(type: TarEntry['type'], path: string, link = '', more: Partial<TarEntry> = {}): Member {
	const content = Buffer.from(type === 'file' ? link : '', 'latin1');
	const isLink = type === 'symlink' || type === 'hardlink';
	const mode = type === 'directory' ? 0o755 : 0o644;
	return {
		content,
		entry: {path: path as RawPath, type, mode, uid: 0, gid: 0, size: content.length, mtime: 1000, ...(isLink ? {link} : {}), ...more},
	};
}

/** The members as a tar. */
export function makeTar(members: readonly Member[]): Buffer {
	const blocks = members.flatMap(({entry, content}) => [encodeEntry(entry), content, Buffer.alloc(paddingOf(content.length))]);
	return Buffer.concat([...blocks, endOfArchive]);
}

/** Bytes as a stream of pieces. */
export async function* pieces(bytes: Buffer, size = 1 << 16): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
