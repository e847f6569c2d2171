import {linkSync, readdirSync, renameSync, unlinkSync, writeFileSync} from 'node:fs';
import {baseOf, joinRaw, parentOf, type RawPath} from '../core/raw-path.ts';
import {makeWhiteout, setTimes} from '../host/file-calls.ts';
import {type FileStat, fileStat, isWhiteoutDevice} from '../host/file-stat.ts';
import {SystemCallError} from '../host/libc.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {whiteoutPrefix} from '../tar/whiteout.ts';
import {copyFile} from './copy-file.ts';
import {upperXattrName} from './layer-xattrs.ts';
import type {TreeListing} from './tree-listing.ts';

/**
 * Copies what was changed in a tree since it was listed to an empty directory, as an overlay would have put it into its upperdir: whoever was
 * touched, with whiteouts for what is gone. What no layer can hold (sockets, the overlay's own device) is removed from the tree. Paths of
 * `untouched` count as they were when the same inode is there. False when the tree holds names that a layer takes for deletions: the layer then
 * shows something else than the tree.
 */
export function treeChanges(
	directory: string,
	upper: string,
	{listing, untouched}: {readonly listing: TreeListing; readonly untouched: readonly RawPath[]},
): boolean {
	const changes = new TreeChanges(directory, upper, listing);
	try {
		changes.forgive(untouched);
		changes.run();
		return !changes.hasWhiteoutNames;
	} finally {
		changes.close();
	}
}

class TreeChanges {
	readonly #tree: TreePaths;
	readonly #upper: TreePaths;
	readonly #listing: Map<RawPath, Pick<FileStat, 'inode' | 'changed'>>;
	/** A path beside the tree. */
	readonly #spare: Buffer;
	/** The tree holds names that a layer takes for deletions. */
	hasWhiteoutNames = false;
	/** Names below each listed directory. */
	readonly #names = new Map<RawPath, string[]>();
	/** First path in the upperdir of every inode that has several names. */
	readonly #links = new Map<bigint, RawPath>();

	constructor(directory: string, upper: string, listing: TreeListing) {
		this.#tree = new TreePaths(directory);
		this.#upper = new TreePaths(upper);
		this.#listing = new Map(listing);
		this.#spare = Buffer.from(`${directory}.copy`);
		for (const path of listing.keys()) {
			if (path === '') continue;
			const parent = parentOf(path) ?? path;
			const names = this.#names.get(parent);
			if (names === undefined) this.#names.set(parent, [baseOf(path)]);
			else names.push(baseOf(path));
		}
	}

	forgive(paths: readonly RawPath[]): void {
		for (const path of paths) {
			const stat = fileStat(this.#tree.at(path));
			if (stat !== undefined && stat.inode === this.#listing.get(path)?.inode) this.#listing.set(path, stat);
		}
	}

	run(): void {
		const root = fileStat(this.#tree.at('' as RawPath));
		if (root !== undefined) this.#directory('' as RawPath, root, () => {});
	}

	close(): void {
		this.#tree.close();
		this.#upper.close();
	}

	/** `makeAbove` makes the directory that it is in, unless the upperdir has that already. */
	#directory(path: RawPath, stat: FileStat, makeAbove: () => void): void {
		let isMade = path === '';
		const make = (): void => {
			if (isMade) return;
			makeAbove();
			copyFile(this.#tree.at(path), this.#upper.at(path), stat, upperXattrName);
			isMade = true;
		};
		if (this.#isTouched(path, stat)) make();
		const names = readdirSync(this.#tree.at(path), {encoding: 'latin1'});
		for (const name of names) {
			const child = joinRaw(path, name);
			const at = this.#tree.at(child);
			const found = fileStat(at);
			if (found === undefined) continue;
			if (name.startsWith(whiteoutPrefix)) this.hasWhiteoutNames = true;
			if (found.type === 'directory') this.#directory(child, found, make);
			else if (found.type === 'socket' || isWhiteoutDevice(found)) {
				unlinkSync(at);
			} else if (this.#isTouched(child, found)) {
				make();
				this.#file(child, at, found);
			}
		}
		const left = new Set(names);
		for (const name of this.#names.get(path) ?? []) {
			if (left.has(name)) continue;
			make();
			markGone(this.#upper, path, name);
		}
		// What was put into it, or replaced, has changed its time.
		if (!isMade) return;
		for (const paths of [this.#upper, this.#tree]) setTimes(paths.at(path), stat.mtime);
	}

	#isTouched(path: RawPath, {inode, changed}: FileStat): boolean {
		const before = this.#listing.get(path);
		return before === undefined || before.inode !== inode || before.changed !== changed;
	}

	#file(path: RawPath, at: Buffer, stat: FileStat): void {
		const first = stat.nlink > 1 ? this.#links.get(stat.inode) : undefined;
		if (first !== undefined) {
			linkSync(this.#upper.at(first), this.#upper.at(path));
			this.#separate(at, stat);
			return;
		}
		if (!copyFile(at, this.#upper.at(path), stat, upperXattrName)) return;
		// A name of it that was not touched is none: a link touches the inode.
		if (stat.nlink > 1) this.#links.set(stat.inode, path);
	}

	/** On an overlay the names of a file of a layer below are files of their own for whoever writes. */
	#separate(at: Buffer, stat: FileStat): void {
		copyFile(at, this.#spare, stat, (name) => name);
		renameSync(this.#spare, at);
	}
}

/** As fuse-overlayfs writes it where the file system takes no device of the overlay. */
function markGone(upper: TreePaths, directory: RawPath, name: string): void {
	try {
		makeWhiteout(upper.at(joinRaw(directory, name)));
	} catch (error) {
		if (!(error instanceof SystemCallError) || error.code !== 'EPERM') throw error;
		writeFileSync(upper.at(joinRaw(directory, whiteoutPrefix + name)), '');
	}
}
