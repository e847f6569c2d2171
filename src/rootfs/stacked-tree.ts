import {readdirSync} from 'node:fs';
import {joinRaw, parentOf, type RawPath} from '../core/raw-path.ts';
import {type FileStat, fileStat} from '../host/file-stat.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {getXattr} from '../host/xattr.ts';
import {isDeletionMark} from './deletion-mark.ts';

interface Found {
	readonly at: Buffer;
	readonly stat: FileStat;
	/** Of a directory: what is merged in it, topmost first. */
	readonly merged: readonly TreePaths[];
}

/**
 * The merged file system of a few layer directories on top of a tree that has no marks of deletions, such as a view: looked up name by name, without
 * a mount. Directories are remembered, so it must not change.
 */
export class StackedTree {
	readonly #layers: readonly TreePaths[];
	readonly #bottom: TreePaths | undefined;
	readonly #directories = new Map<RawPath, readonly TreePaths[]>();
	/** What was looked up last: it is often asked for again. */
	#last: {readonly path: RawPath; readonly found: Found | undefined} | undefined;

	/** `layers` topmost first; `bottom` is null when there is nothing below them. */
	constructor(layers: readonly string[], bottom: string | null) {
		this.#layers = layers.map((layer) => new TreePaths(layer));
		this.#bottom = bottom === null ? undefined : new TreePaths(bottom);
		this.#directories.set('' as RawPath, [...this.#layers, ...(this.#bottom === undefined ? [] : [this.#bottom])]);
	}

	get isEmpty(): boolean {
		return this.#directories.get('' as RawPath)?.length === 0;
	}

	/** Undefined for what is not there. */
	stat(path: RawPath): FileStat | undefined {
		return this.#find(path)?.stat;
	}

	/** For system calls that read. Throws for what is not there. */
	at(path: RawPath): Buffer {
		const found = this.#find(path);
		if (found === undefined) throw new Error(`nothing is at ${path}`);
		return found.at;
	}

	/** What a directory holds. */
	names(directory: RawPath): string[] {
		const names = new Set(this.#merged(directory).flatMap((tree) => readdirSync(tree.at(directory), {encoding: 'latin1'})));
		return [...names].filter((name) => this.#find(joinRaw(directory, name)) !== undefined);
	}

	close(): void {
		for (const tree of [...this.#layers, this.#bottom]) tree?.close();
	}

	/** Trees whose directories of that path are one. */
	#merged(directory: RawPath): readonly TreePaths[] {
		const known = this.#directories.get(directory) ?? this.#find(directory)?.merged ?? [];
		this.#directories.set(directory, known);
		return known;
	}

	#find(path: RawPath): Found | undefined {
		if (this.#last?.path !== path) this.#last = {path, found: this.#lookUp(path)};
		return this.#last.found;
	}

	#lookUp(path: RawPath): Found | undefined {
		const merged: TreePaths[] = [];
		let top: Omit<Found, 'merged'> | undefined;
		for (const tree of this.#merged(parentOf(path) ?? path)) {
			const at = tree.at(path);
			const stat = fileStat(at);
			if (stat === undefined) continue;
			const isLayer = tree !== this.#bottom;
			if (isLayer && isDeletionMark(at, stat)) break;
			top ??= {at, stat};
			if (stat.type !== 'directory') break;
			merged.push(tree);
			if (isLayer && getXattr(at, 'user.overlay.opaque') === 'y') break;
		}
		return top === undefined ? undefined : {...top, merged};
	}
}
