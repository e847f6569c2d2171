import {closeSync, openSync, writeSync} from 'node:fs';
import {Readable} from 'node:stream';
import {digestItems} from '../../context/digest-items.ts';
import {openFileDigests} from '../../context/file-digests.ts';
import {selectItems} from '../../context/select-items.ts';
import type {Json} from '../../core/canonical-json.ts';
import type {DiffId} from '../../core/digest.ts';
import {packItems} from '../../core/packed-items.ts';
import {storeLayerDamaged} from '../../diagnostics/store-layer.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {decompress} from '../../host/decompress.ts';
import {errnoOf} from '../../host/errno.ts';
import {changesAccounts} from '../../rootfs/account-changes.ts';
import {applyLayer} from '../../rootfs/apply-layer.ts';
import {diffIdOf, layerChunks} from '../../rootfs/layer-chunks.ts';
import type {IdMap} from '../../rootfs/id-map.ts';
import {matchesIndex} from '../../rootfs/matches-index.ts';
import {scanUpper} from '../../rootfs/scan-upper.ts';
import {treeTasks} from '../../rootfs/tree-tasks.ts';
import {walkTree} from '../../rootfs/walk-tree.ts';
import {openStore, type Store} from '../../store/open-store.ts';
import type {TarEntry} from '../../tar/entry.ts';
import {deletedBy} from '../../tar/whiteout.ts';
import {copiedPlaces} from './copied-places.ts';
import {copyTar} from './copy-tar.ts';
import {copyFiles, factsOfCopy, openTask} from './copy-task.ts';
import type {SelectedItem} from '../../context/selection.ts';
import {TooManyFiles} from '../../context/tree-reader.ts';
import type {SelectedSources, SelectTask, FileTask, Held, HeldLayer, ResultOf, TaskOf} from './file-thread-protocol.ts';
import {followFile} from './follow-file.ts';
import {hashingStream} from './hashing-stream.ts';

/** What a file thread can do; layers that were scanned or copied are held until they are hashed. */
export function fileTasks(): {readonly [T in FileTask]: (task: TaskOf<T>) => ResultOf<T> | Promise<ResultOf<T>>} {
	const held = new Map<Held, readonly TarEntry[]>();
	const keep = (name: Held, entries: readonly TarEntry[]): HeldLayer => {
		held.set(name, entries);
		return {
			entries: entries.length,
			deletions: entries.filter(({path}) => deletedBy(path) !== undefined).length,
			accounts: entries.some(changesAccounts),
			bytes: entries.reduce((sum, entry) => sum + entry.size, 0),
		};
	};
	const take = (name: Held): readonly TarEntry[] => {
		const entries = held.get(name) ?? [];
		held.delete(name);
		return entries;
	};
	const opened = storeCache();
	return {
		...treeTasks(),
		scan: ({held: name, upper, ...options}) => keep(name, scanUpper(upper, options)),
		async copy(task) {
			const open = openTask(task);
			const facts = factsOfCopy(open);
			const made = await copyFiles(open);
			return {...keep(task.held, made.index), facts, places: copiedPlaces(open, made)};
		},
		copyTar: (task) => copyTar(opened(task.store), openTask(task)),
		copyFacts: (task): Json => factsOfCopy(openTask(task)),
		release: ({held: name}) => take(name),
		hash({held: name, store, directory, entries = take(name)}) {
			const hashed = diffIdOf(directory, entries);
			opened(store).layers.writeIndex(hashed.diffId, entries);
			return hashed;
		},
		unpack: (task) => unpack(opened(task.store), task),
		intact: ({store, diffId, directory, ids}) => isIntact(directory, diffId, opened(store).layers.readIndex(diffId), ids),
		select: (task) => digested(task.root, selectIn(task)),
		selectFew(task) {
			try {
				const items = selectIn(task, few.files);
				const bytes = items.reduce((sum, {entries}) => entries.reduce((all, {size}) => all + size, sum), 0);
				return bytes > few.bytes ? 'many' : digested(task.root, items);
			} catch (error) {
				if (error instanceof TooManyFiles) return 'many';
				throw error;
			}
		},
		async move({held: name, from, to, lower, ids}) {
			const entries = held.get(name) ?? [];
			held.set(name, await applyLayer(Readable.from(layerChunks(from, entries)), to, {lower, mapped: ids}));
			return null;
		},
		async merge({root, directory, ids}) {
			await applyLayer(Readable.from(layerChunks(root, [...walkTree(root)])), directory, {lower: null, mapped: ids});
			return null;
		},
		packages: async ({store, layers}) => (await import('./find-packages.ts')).findPackages(opened(store), layers),
		pack({directory, file}) {
			const fd = openSync(file, 'w', 0o600);
			try {
				for (const chunk of layerChunks(directory, [...walkTree(directory)])) writeSync(fd, chunk);
			} finally {
				closeSync(fd);
			}
			return null;
		},
		measure({path}) {
			let bytes = 0;
			for (const {size} of walkTree(path)) bytes += size;
			return bytes;
		},
	};
}

/** What is selected and read in some milliseconds. */
const few = {files: 300, bytes: 8 << 20} as const;

function selectIn({root, patterns, flags}: SelectTask, most?: number): SelectedItem[] {
	const limited = most === undefined ? {} : {most};
	return selectItems(root, patterns, {...flags, ...limited, keepIds: true, place: 'the file system of the stage'});
}

function digested(root: string, items: readonly SelectedItem[]): SelectedSources {
	const digest = digestItems(items, openFileDigests(root), {ids: true});
	return {items: packItems(items), digest};
}

function isIntact(directory: string, diffId: DiffId, index: readonly TarEntry[] | undefined, ids: IdMap): boolean {
	if (index === undefined) return false;
	try {
		return matchesIndex(directory, index, ids) && diffIdOf(directory, index).diffId === diffId;
	} catch (error) {
		// A file that cannot be read (EIO, EUCLEAN, a size that changed) is as bad as one that differs.
		if (error instanceof BuildError || errnoOf(error) !== '') return false;
		throw error;
	}
}

/** A blob becomes a directory only with the content it claims: nothing is published when the diffID differs. */
async function unpack(store: Store, task: TaskOf<'unpack'>): Promise<ResultOf<'unpack'>> {
	const {blob, from, givenUp, diffId, directory, lower, ids} = task;
	const bytes = from === undefined ? store.blobs.open(blob) : followFile(from, blob.size, givenUp);
	const tar = hashingStream(decompress(bytes));
	const entries = await applyLayer(tar.stream, directory, {lower, mapped: ids});
	const found = await tar.finish();
	if (found.diffId !== diffId) throw new BuildError(storeLayerDamaged(diffId, found.diffId));
	store.layers.writeIndex(diffId, entries);
	return {size: found.size};
}

function storeCache(): (directory: string) => Store {
	const stores = new Map<string, Store>();
	return (directory) => {
		const known = stores.get(directory) ?? openStore(directory);
		stores.set(directory, known);
		return known;
	};
}
