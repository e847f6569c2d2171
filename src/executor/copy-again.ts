import type {FileHandle} from 'node:fs/promises';
import type {DiffId, Digest} from '../core/digest.ts';
import {changedContents, type PackedItems, shapeOf, unpackItems} from '../core/packed-items.ts';
import type {TreeEntry} from '../core/tree-entry.ts';
import {contentChunks} from '../rootfs/planned-tar.ts';
import {errnoOf} from '../host/errno.ts';
import type {CopiedLayer, CopiedPlaces} from '../store/copied-layers.ts';
import type {Store} from '../store/open-store.ts';
import type {TarEntry} from '../tar/entry.ts';
import {encodeEntry, paddingOf} from '../tar/write-entry.ts';
import type {PackedSources} from './worker/protocol.ts';

/** A file of the selection whose content is another one than in the layer before. */
interface Patch {
	readonly position: number;
	readonly root: string;
	readonly source: TreeEntry;
	/** Of the layer before; the new one differs in its size alone. */
	readonly old: TarEntry;
	/** Its header blocks in the new tar. */
	readonly head: Buffer;
	/** Where it begins and ends in the tar before. */
	readonly start: number;
	readonly end: number;
}

interface PatchedTar {
	readonly size: number;
	readonly patches: readonly Patch[];
	readonly signal: AbortSignal;
}

export interface Surroundings {
	readonly store: Store;
	/** Of the build. */
	readonly directory: string;
	readonly signal: AbortSignal;
}

/** A piece that is read at once. */
const pieceSize = 1 << 20;
/** With more of them it is as good to read the context. */
const mostPatches = 10_000;

/**
 * Makes the layer of a copy from that of an earlier one whose selection differs in contents of files only: all else is taken from its tar, which
 * is read from end to end. Undefined when it differs in more, or when the layer before is not what was noted. Throws BuildError when a file has
 * another content than it was selected with.
 */
export async function copyAgain(
	{store, directory, signal}: Surroundings,
	before: CopiedLayer,
	{places, ...selection}: PackedSources,
): Promise<CopiedLayer | undefined> {
	if (shapeOf(selection) !== before.shape) return undefined;
	const changed = changedContents(before.digests, selection);
	const index = changed.length > mostPatches ? undefined : store.layers.readIndexLines(before.diffId);
	if (index === undefined) return undefined;
	const patches = patchesOf(changed, before, {places, selection, index});
	if (patches === undefined) return undefined;
	const old = await openUnlessGone(store.blobs.path(before.diffId as string as Digest));
	if (old === undefined) return undefined;
	try {
		const {digest, size} = await store.blobs.write(patchedTar(old, {size: before.size, patches, signal}), undefined, directory);
		const diffId = digest as string as DiffId;
		for (const {position, old: entry, source} of patches) index[position] = JSON.stringify({...entry, size: source.size});
		store.layers.writeIndexLines(diffId, index);
		const {facts, shape} = before;
		return {...moved(before, patches), facts, shape, digests: selection.digests, diffId, size};
	} finally {
		await old.close();
	}
}

/** Nothing keeps another process from deleting it before it is open. */
async function openUnlessGone(path: string): Promise<FileHandle | undefined> {
	const {open} = await import('node:fs/promises');
	try {
		return await open(path, 'r');
	} catch (error) {
		if (errnoOf(error) === 'ENOENT') return undefined;
		throw error;
	}
}

/** In the order of the tar. */
function patchesOf(
	changed: readonly number[],
	before: CopiedLayer,
	{places, selection, index}: Pick<PackedSources, 'places'> & {readonly selection: PackedItems; readonly index: readonly string[]},
): readonly Patch[] | undefined {
	const patches: Patch[] = [];
	let next = 0;
	for (const [at, item] of unpackItems(selection, new Set(changed)).entries()) {
		const place = places[at];
		for (const source of item.entries) {
			const number = changed[next++] ?? -1;
			const position = before.entries[number] ?? -1;
			const old = JSON.parse(index[position] ?? 'null') as TarEntry | null;
			const start = before.starts[number] ?? -1;
			// Whether the item of an ADD is an archive has to be looked at; further links of a file stand elsewhere in the tar.
			const isPlain = source.type === 'file' && source.inode === undefined && !(place?.unpack === true && source.path === '');
			if (!isPlain || place === undefined || start < 0 || old?.type !== 'file') return undefined;
			const head = encodeEntry({...old, size: source.size});
			const end = start + encodeEntry(old).length + old.size + paddingOf(old.size);
			patches.push({position, root: place.root, source, old, head, start, end});
		}
	}
	return patches.sort((a, b) => a.start - b.start);
}

async function* patchedTar(old: FileHandle, {size, patches, signal}: PatchedTar): AsyncGenerator<Uint8Array> {
	let at = 0;
	for (const {start, end, head, root, source} of patches) {
		yield* piecesOf(old, at, start);
		yield head;
		yield* contentChunks(root, source);
		yield Buffer.alloc(paddingOf(source.size));
		at = end;
		signal.throwIfAborted();
	}
	yield* piecesOf(old, at, size);
}

/** A range of a file; a piece is the receiver's until it asks for the next one, which is read meanwhile. */
async function* piecesOf(file: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
	const buffers = [
		Buffer.allocUnsafeSlow(Math.min(pieceSize, end - start)),
		Buffer.allocUnsafeSlow(Math.min(pieceSize, end - start)),
	] as const;
	const read = async (at: number, turn: number): Promise<Buffer> => {
		const buffer = buffers[turn % 2 === 0 ? 0 : 1];
		const {bytesRead} = await file.read(buffer, 0, Math.min(buffer.length, end - at), at);
		if (bytesRead === 0) throw new Error('a blob of the store became shorter');
		return buffer.subarray(0, bytesRead);
	};
	let turn = 0;
	let coming = start < end ? read(start, turn) : undefined;
	for (let at = start; coming !== undefined;) {
		const piece: Buffer = await coming;
		at += piece.length;
		turn += 1;
		coming = at < end ? read(at, turn) : undefined;
		// Whoever stops early does not wait for it.
		coming?.catch(() => {});
		yield piece;
	}
}

/** Where everything is after the patches. */
function moved({starts, entries}: CopiedPlaces, patches: readonly Patch[]): CopiedPlaces {
	const result = starts.slice();
	for (const {start, end, head, source} of patches) {
		const growth = head.length + source.size + paddingOf(source.size) - (end - start);
		if (growth === 0) continue;
		for (const [at, place] of starts.entries()) if (place >= end) result[at] = (result[at] ?? 0) + growth;
	}
	return {starts: result, entries};
}
