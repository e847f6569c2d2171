import {mkdirSync, renameSync} from 'node:fs';
import type {AttachRequest, DriverKind, DriverPlace, RootfsDriver, RootRequest, StepRoot, View} from './driver.ts';
import {findMarkForm} from './deletion-mark.ts';
import type {TreeWorker} from './tree-tasks.ts';

/** No mounts at all: trees of hard links to look at, copies to write to. For containers where nothing can be mounted; slow, and never wrong. */
export const copyDriver: DriverKind = {
	name: 'copy',
	mountless: true,
	async probe(directory) {
		try {
			findMarkForm(directory);
			return {works: true, facts: ['files can be copied and linked on the store']};
		} catch (error) {
			return {works: false, facts: [`the store cannot hold layers: ${error instanceof Error ? error.message : String(error)}`]};
		}
	},
	open: (place) => new CopyDriver(place),
};

/** Trees that nobody looks at any more stay for a while: one step asks several times for the same. */
const keptViews = 3;
const mostSpare = 4;

interface Tree {
	readonly path: string;
	readonly ready: Promise<unknown>;
	users: number;
}

class CopyDriver implements RootfsDriver {
	readonly name = 'copy';
	readonly uppersInStore = true;
	readonly readsAnyMark = true;
	readonly longestLower = 0;
	readonly #place: DriverPlace;
	/** Trees of links by the layers that they show, the longest unused first. */
	readonly #views = new Map<string, Tree>();
	/** Trees that steps are done with, by the layers that they hold. */
	readonly #spare = new Map<string, {readonly path: string; readonly worker: TreeWorker}>();
	#count = 0;

	constructor(place: DriverPlace) {
		this.#place = place;
	}

	async view(lowers: readonly string[]): Promise<View> {
		const key = keyOf(lowers);
		const tree = this.#views.get(key) ?? this.#link(lowers);
		this.#views.delete(key);
		this.#views.set(key, tree);
		tree.users += 1;
		await this.#made(key, tree);
		return {
			path: tree.path,
			close: async () => {
				tree.users -= 1;
				await this.#dropUnused();
			},
		};
	}

	async root({lowers, directory}: RootRequest): Promise<StepRoot> {
		const key = keyOf(lowers);
		const spare = this.#spare.get(key);
		this.#spare.delete(key);
		const worker = spare?.worker ?? this.#place.workers();
		const path = `${directory}/tree`;
		if (spare === undefined) await worker.run('makeTree', {layers: lowers, directory: path, how: 'copy'});
		else renameSync(spare.path, path);
		await worker.run('listTree', {directory: path});
		let isLikeLayer = false;
		return {
			mount: {kind: 'directory', path},
			async changes(untouched = []) {
				const upper = `${directory}/upper`;
				mkdirSync(upper);
				isLikeLayer = await worker.run('treeChanges', {directory: path, upper, untouched});
				return upper;
			},
			reuse: async (layer) => {
				if (!isLikeLayer) return;
				await worker.run('alignTree', {directory: path, layer: layer ?? null});
				await this.#keep(layer === undefined ? lowers : [layer, ...lowers], path, worker);
			},
			close: async () => void (await worker.run('forgetTree', {directory: path})),
		};
	}

	async attach({lowers, write}: AttachRequest): Promise<View> {
		if (write === undefined) return this.view(lowers);
		const path = `${write}/tree`;
		await this.#place.workers().run('makeTree', {layers: lowers, directory: path, how: 'copy'});
		return {path, close: async () => {}};
	}

	close(): void {
		// Everything is in the directory of the build, which is deleted.
	}

	async #keep(lowers: readonly string[], path: string, worker: TreeWorker): Promise<void> {
		const kept = `${this.#place.directory}/spare${this.#count++}`;
		renameSync(path, kept);
		const key = keyOf(lowers);
		const same = this.#spare.get(key);
		this.#spare.delete(key);
		this.#spare.set(key, {path: kept, worker});
		const gone = same === undefined ? [] : [same.path];
		for (const [other, {path: old}] of [...this.#spare].slice(0, Math.max(0, this.#spare.size - mostSpare))) {
			this.#spare.delete(other);
			gone.push(old);
		}
		for (const old of gone) await this.#place.workers().run('remove', {path: old});
	}

	#link(lowers: readonly string[]): Tree {
		const path = `${this.#place.directory}/view${this.#count++}`;
		return {path, users: 0, ready: this.#place.workers().run('makeTree', {layers: lowers, directory: path, how: 'link'})};
	}

	/** One that could not be made is made anew when it is asked for again. */
	async #made(key: string, tree: Tree): Promise<void> {
		try {
			await tree.ready;
		} catch (error) {
			tree.users -= 1;
			if (this.#views.get(key) === tree) this.#views.delete(key);
			throw error;
		}
	}

	async #dropUnused(): Promise<void> {
		const unused = [...this.#views].filter(([, {users}]) => users === 0);
		for (const [key, {path}] of unused.slice(0, Math.max(0, unused.length - keptViews))) {
			this.#views.delete(key);
			await this.#place.workers().run('remove', {path});
		}
	}
}

function keyOf(lowers: readonly string[]): string {
	return lowers.join('\0');
}
