import {existsSync, mkdirSync, renameSync, symlinkSync} from 'node:fs';
import type {DiffId} from '../../core/digest.ts';
import {storeBlobMissing} from '../../diagnostics/store.ts';
import {storeLayerMissing} from '../../diagnostics/store-layer.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import type {NamespaceIds} from '../../isolation/id-map.ts';
import type {Descriptor} from '../../oci/descriptor.ts';
import type {MarkForm} from '../../rootfs/deletion-mark.ts';
import type {RootfsDriver, View} from '../../rootfs/driver.ts';
import {blobOfDiffId, type StoredLayer} from '../../store/layer-store.ts';
import type {Store} from '../../store/open-store.ts';
import {deletedBy} from '../../tar/whiteout.ts';
import type {Arrival, Arrivals} from './arrivals.ts';
import type {FilePool, FileWorker} from './file-pool.ts';
import type {CopiedTar, HeldLayer, ResultOf} from './file-thread-protocol.ts';
import {FlatStacks} from './flat-stacks.ts';
import {Gate} from './gate.ts';
import type {Meanwhile} from './meanwhile.ts';
import type {KnownLayer, LayerReference, MadeLayer, Stack} from './protocol.ts';

/** A layer of this build: a directory whose diffID a thread computes, or a tar. */
interface Pending {
	/** Of the directory; absent for a tar. */
	readonly link?: string;
	/** It changes no account files (account-changes.ts). */
	readonly leavesAccounts?: boolean;
	readonly hashed: Promise<{readonly diffId: DiffId; readonly size: number}>;
}

interface LayerToUnpack {
	readonly diffId: DiffId;
	readonly blob: Descriptor;
	/** Merged view of what is below. */
	readonly lower: string | null;
}

interface UnpackedLayer {
	readonly directory: string;
	/** Bytes of the uncompressed tar. */
	readonly size: number;
}

/** Links of directories: in the order of the layers, and topmost first, each once. */
interface OpenedLayers {
	readonly links: readonly string[];
	readonly lowers: readonly string[];
}

function nameOf(layer: LayerReference): DiffId | number {
	return 'pending' in layer ? layer.pending : layer.diffId;
}

/** Topmost first, each where it is topmost. */
function topmostOnce(links: readonly string[]): string[] {
	return [...new Set(links.toReversed())];
}

/** Bytes that hash in about 5 ms. */
const muchContent = 8 << 20;
/** Nothing that overlayfs reads as an escape, and bytes are characters. */
const plainPath = /^[A-Za-z0-9_.\/@%+=,~\-]+$/v;

export interface LayerTableOptions {
	readonly store: Store;
	readonly driver: RootfsDriver;
	readonly pool: FilePool;
	readonly ids: NamespaceIds;
	/** Brings blobs that the store lacks. */
	readonly arrivals: Arrivals;
	/** The build's directory; the process's working directory is its `l`. */
	readonly directory: string;
	/** When little is hashed. */
	readonly meanwhile: Meanwhile;
	/** How layer directories of the store say that something is deleted. */
	readonly marks: MarkForm;
}

/**
 * The layer directories that this build stacks. Each that the driver does not take by its path has a short symbolic link in the working
 * directory, because option strings of mount(2) end at 4095 bytes and fsconfig strings at 255.
 */
export class LayerTable {
	/** Read while a mount looks up directories, written when one moves. */
	readonly gate = new Gate();
	readonly #options: LayerTableOptions;
	readonly #links = new Map<DiffId, Promise<string>>();
	/** Links of the layers that are there. */
	readonly #linked = new Map<DiffId | number, string>();
	readonly #flat = new FlatStacks((links) => this.#merge(links));
	readonly #pending = new Map<number, Pending>();
	#count = 0;

	constructor(options: LayerTableOptions) {
		this.#options = options;
	}

	/** A fresh name for directories of this build. */
	fresh(): number {
		return this.#count++;
	}

	/** Links of the stack's directories, topmost first, each once (a repeated lowerdir is ELOOP). Layers that are only blobs are unpacked. */
	async lowers(stack: Stack): Promise<string[]> {
		return this.#flat.flatten((await this.#openAll(stack.layers)).lowers);
	}

	/** Links of the directories of layers, in their order. Layers that are only blobs are unpacked. */
	async directories(layers: readonly LayerReference[]): Promise<readonly string[]> {
		return (await this.#openAll(layers)).links;
	}

	/** A blob that cannot be had ends it at once, however long the others would still take. */
	#openAll(layers: readonly LayerReference[]): Promise<OpenedLayers> {
		return Promise.race([this.#openEach(layers), this.#bringMissing(layers)]);
	}

	async #openEach(layers: readonly LayerReference[]): Promise<OpenedLayers> {
		const links: string[] = [];
		// Only what is unpacked needs what is below it.
		for (const layer of layers) links.push(this.#linked.get(nameOf(layer)) ?? (await this.#link(layer, () => topmostOnce(links))));
		for (const [index, layer] of layers.entries()) this.#linked.set(nameOf(layer), links[index] ?? '');
		return {links, lowers: topmostOnce(links)};
	}

	/** Asks for all blobs that will be unpacked before the first is: they come at the same time. Rejects when one does not, and never resolves. */
	#bringMissing(layers: readonly LayerReference[]): Promise<never> {
		const {store, arrivals} = this.#options;
		return new Promise((_, reject) => {
			for (const layer of layers) {
				if ('pending' in layer || layer.directory !== undefined || layer.blob === undefined || this.#links.has(layer.diffId)) continue;
				if (store.layers.get(layer.diffId) !== undefined || store.blobs.has(layer.blob)) continue;
				void arrivals.bring(layer.blob).then(({done}) => done.catch(reject));
			}
		});
	}

	async #merge(links: readonly string[]): Promise<string> {
		const {pool, directory} = this.#options;
		const target = `${directory}/s${this.fresh()}`;
		const leave = await this.gate.read();
		try {
			await pool.idlest().run('makeTree', {layers: links, directory: target, how: 'link'});
		} finally {
			leave();
		}
		return this.#makeLink(target);
	}

	/** A read-only view of links, topmost first; undefined for none. */
	async view(links: readonly string[]): Promise<View | undefined> {
		if (links.length === 0) return undefined;
		const mountpoint = `${this.#options.directory}/v${this.fresh()}`;
		const leave = await this.gate.read();
		try {
			return await this.#options.driver.view(links, mountpoint);
		} finally {
			leave();
		}
	}

	/** Names the account files of a stack: those of two stacks of the same name are the same, unless symlinks lead to them. */
	accountsOf({layers}: Stack): string {
		const top = layers.findLastIndex((layer) => !('pending' in layer) || this.#pending.get(layer.pending)?.leavesAccounts !== true);
		return layers
			.slice(0, top + 1)
			.map(nameOf)
			.join(' ');
	}

	/** Takes over a layer directory whose entries `holder` holds under the name `held`; it can be stacked at once, by a link of that name. */
	adopt(directory: string, layer: HeldLayer, holder: FileWorker, held: number): MadeLayer {
		if (layer.entries === 0) return {};
		const link = String(held);
		symlinkSync(directory, link);
		if (layer.deletions > 0) this.#noteDeletions(link);
		else this.#flat.noteAddition(link);
		const hashed = this.#hash({directory, link, hash: () => this.#hashContent(directory, layer, holder, held)});
		// Whoever asks for it sees the failure; until then it is not an unhandled one.
		hashed.catch(() => {});
		this.#pending.set(held, {link, leavesAccounts: !layer.accounts, hashed});
		return {pending: held};
	}

	/** Publishes a layer whose tar is in the store. It has no directory: who wants one gets it unpacked. */
	async adoptTar({diffId, size}: CopiedTar, held: number): Promise<MadeLayer> {
		if (diffId === undefined) return {};
		await this.#options.store.layers.publish({diffId, size, blob: blobOfDiffId(diffId, size)});
		this.#pending.set(held, {hashed: Promise.resolve({diffId, size})});
		return {pending: held};
	}

	/** The link of a layer that was adopted. */
	linkOf({pending}: MadeLayer): string | undefined {
		return pending === undefined ? undefined : this.#pending.get(pending)?.link;
	}

	hashed(pending: number): Promise<{readonly diffId: DiffId; readonly size: number}> {
		const found = this.#pending.get(pending);
		if (found === undefined) throw new Error(`no layer ${pending} is pending`);
		return found.hashed;
	}

	/** Little is hashed where it is held, beside the next step, and much in a thread, so that output of other steps keeps flowing. */
	async #hashContent(directory: string, {bytes}: HeldLayer, holder: FileWorker, held: number): Promise<ResultOf<'hash'>> {
		const {store, pool, meanwhile} = this.#options;
		const task = {held, store: store.directory, directory};
		if (holder !== pool.local) return holder.run('hash', task);
		if (bytes < muchContent) {
			await meanwhile.turn();
			return holder.run('hash', task);
		}
		return pool.idlest().run('hash', {...task, entries: await holder.run('release', {held})});
	}

	async #hash({
		directory,
		link,
		hash,
	}: {
		readonly directory: string;
		readonly link: string;
		readonly hash: () => Promise<ResultOf<'hash'>>;
	}): Promise<ResultOf<'hash'>> {
		const {store} = this.#options;
		const {diffId, size} = await hash();
		await this.gate.write(async () => {
			const stored = await store.layers.publish({diffId, size, directory});
			// One that the store has already keeps its own directory: two links to one directory would be ELOOP in one stack.
			if (stored.directory !== undefined && !existsSync(directory)) this.#relink(link, stored.directory, directory);
		});
		this.#links.set(diffId, Promise.resolve(link));
		return {diffId, size};
	}

	#link(layer: LayerReference, below: () => readonly string[]): Promise<string> {
		if ('pending' in layer) {
			const found = this.#pending.get(layer.pending);
			if (found === undefined) throw new Error(`no layer ${layer.pending} is pending`);
			if (found.link !== undefined) return Promise.resolve(found.link);
			return found.hashed.then(({diffId}) => this.#link({diffId}, below));
		}
		const known = this.#links.get(layer.diffId);
		if (known !== undefined) return known;
		const link = this.#open(layer, below);
		this.#links.set(layer.diffId, link);
		return link;
	}

	async #open({diffId, blob: base, directory}: KnownLayer, below: () => readonly string[]): Promise<string> {
		const link = this.#nameFor(directory ?? (await this.#prepare(diffId, base, below)));
		if (
			this.#options.marks === 'xattr' &&
			this.#options.store.layers.readIndex(diffId)?.some(({path}) => deletedBy(path) !== undefined) === true
		)
			this.#noteDeletions(link);
		return link;
	}

	/** The directory of a layer, unpacked if need be. */
	async #prepare(diffId: DiffId, base: Descriptor | undefined, below: () => readonly string[]): Promise<string> {
		const stored = await this.#settled(diffId);
		return stored?.directory ?? this.#unpack(diffId, stored?.blob ?? base, below());
	}

	#noteDeletions(link: string): void {
		if (this.#options.marks === 'xattr' && !this.#options.driver.readsAnyMark) this.#flat.noteUnreadable(link);
	}

	/** The stored layer; one that another boot has left is looked at first, because its directory was never synced. */
	async #settled(diffId: DiffId): Promise<StoredLayer | undefined> {
		const {store, pool, ids} = this.#options;
		const stored = store.layers.get(diffId);
		if (stored?.directory === undefined || stored.verified) return stored;
		const isIntact = await pool.idlest().run('intact', {store: store.directory, diffId, directory: stored.directory, ids});
		return this.gate.write(() => store.layers.settle(diffId, isIntact));
	}

	async #unpack(diffId: DiffId, blob: Descriptor | undefined, below: readonly string[]): Promise<string> {
		if (blob === undefined) throw new BuildError(storeLayerMissing(diffId));
		const {store, arrivals} = this.#options;
		const arrival = store.blobs.has(blob) ? undefined : await arrivals.bring(blob);
		const view = await this.view(await this.#flat.flatten(below));
		try {
			const {directory, size} = await this.#unpackArriving({diffId, blob, lower: view?.path ?? null}, arrival);
			const stored = await this.gate.write(() => store.layers.publish({diffId, size, directory, blob}));
			return stored.directory ?? directory;
		} finally {
			await view?.close();
		}
	}

	/** From the file that grows, or else from the store; in any case the blob is in the store, verified, before the layer counts. */
	async #unpackArriving(layer: LayerToUnpack, arrival: Arrival | undefined): Promise<UnpackedLayer> {
		const {path, done} = arrival ?? {};
		const givenUp = new Int32Array(new SharedArrayBuffer(4));
		// What came may stay where it is for the next command: nothing else tells that it does not grow any more.
		done?.catch(() => Atomics.store(givenUp, 0, 1));
		const early = path === undefined ? undefined : await this.#unpackFrom(layer, {from: path, givenUp}).catch(() => {});
		if ((await done) === false) throw new BuildError(storeBlobMissing(layer.blob.digest));
		return early ?? this.#unpackFrom(layer);
	}

	async #unpackFrom(layer: LayerToUnpack, growing: {readonly from?: string; readonly givenUp?: Int32Array} = {}): Promise<UnpackedLayer> {
		const {store, pool, ids} = this.#options;
		const directory = `${this.#options.directory}/s${this.fresh()}`;
		mkdirSync(directory);
		const task = {...layer, store: store.directory, directory, ids, ...growing};
		const {size} = await pool.idlest().run('unpack', task);
		return {directory, size};
	}

	/** A short name for a directory, as mounts take it; a link of this table is one. */
	link(directory: string): string {
		return directory.includes('/') ? this.#makeLink(directory) : directory;
	}

	/** A layer of the store stays where it is: where the driver takes its path, it needs no link. */
	#nameFor(directory: string): string {
		return directory.length <= this.#options.driver.longestLower && plainPath.test(directory) ? directory : this.#makeLink(directory);
	}

	#makeLink(directory: string): string {
		const link = String(this.fresh());
		symlinkSync(directory, link);
		return link;
	}

	#relink(link: string, to: string, from: string): void {
		if (to === from) return;
		symlinkSync(to, `${link}.new`);
		renameSync(`${link}.new`, link);
	}
}
