import {normalizeRaw, parentOf, type RawPath, textOf} from '../core/raw-path.ts';
import {type Digest, parseDigest} from '../core/digest.ts';
import {baseDamaged} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {decompress} from '../host/decompress.ts';
import {documentLimit} from '../oci/bounded-json.ts';
import type {BlobName} from '../store/blob-store.ts';
import type {Store} from '../store/open-store.ts';
import type {TarEntry} from '../tar/entry.ts';
import {extractArchive} from '../tar/extract-archive.ts';
import type {EntrySink} from '../tar/read-entries.ts';
import {baseError} from './base-error.ts';
import {readFile} from './read-file.ts';

/** The members of an image archive: small documents in memory, everything else as blobs of the store. */
export interface ArchiveMembers {
	readonly documents: ReadonlyMap<RawPath, Buffer>;
	readonly blobs: ReadonlyMap<RawPath, BlobName>;
	/** Symlinks: `docker save` once wrote them for repeated layers. Both sides are member names. */
	readonly links: ReadonlyMap<RawPath, RawPath>;
}

/**
 * Reads an image archive (compressed or not) once, from start to end, whatever the order of its members. A member under blobs/sha256/ must have
 * the digest of its name. Repeated and unsafe names are refused.
 */
export async function readArchive(path: string, store: Store, name: string): Promise<ArchiveMembers> {
	const documents = new Map<RawPath, Buffer>();
	const blobs = new Map<RawPath, BlobName>();
	const links = new Map<RawPath, RawPath>();
	const seen = new Set<RawPath>();
	const open = new Set<{abort(): void}>();
	const visit = (entry: TarEntry): EntrySink | undefined => {
		if (entry.type === 'directory') return undefined;
		if (seen.has(entry.path)) throw new BuildError(baseDamaged(name, `it has two members named \`${textOf(entry.path)}\``));
		seen.add(entry.path);
		if (entry.type === 'symlink' || entry.type === 'hardlink') links.set(entry.path, targetOf(entry));
		if (entry.type !== 'file') return undefined;
		if (entry.path.endsWith('.json') && entry.size <= documentLimit) return gather((bytes) => documents.set(entry.path, bytes));
		if (!/\.tar$|^blobs\/sha256\//v.test(entry.path)) return undefined;
		const writer = store.blobs.writer(expectedBlob(entry, name));
		open.add(writer);
		return {data: writer.write, end: () => blobs.set(entry.path, writer.finish())};
	};
	try {
		await extractArchive(decompress(readFile(path, name)), visit, {entries: 100_000});
		return {documents, blobs, links};
	} catch (error) {
		throw baseError(error, name);
	} finally {
		for (const writer of open) writer.abort();
	}
}

function expectedBlob(entry: TarEntry, name: string): BlobName | undefined {
	if (!entry.path.startsWith('blobs/sha256/')) return undefined;
	const digest: Digest | undefined = parseDigest(`sha256:${entry.path.slice('blobs/sha256/'.length)}`);
	if (digest === undefined) throw new BuildError(baseDamaged(name, `its member \`${textOf(entry.path)}\` is not named by a sha256 digest`));
	return {digest, size: entry.size};
}

/** Symlink targets are relative to their directory and may not leave the archive: too many `..` end at its root, where nothing is found. */
function targetOf(entry: TarEntry): RawPath {
	const link = entry.link ?? '';
	return normalizeRaw(entry.type === 'hardlink' || link.startsWith('/') ? link : `${parentOf(entry.path) ?? ''}/${link}`);
}

function gather(done: (bytes: Buffer) => void): EntrySink {
	const chunks: Buffer[] = [];
	return {data: (chunk) => void chunks.push(Buffer.from(chunk)), end: () => done(Buffer.concat(chunks))};
}
