import {readdirSync} from 'node:fs';
import {ancestorsOf, baseOf, joinRaw, parentOf} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import {resolveInRoot} from '../host/resolve-in-root.ts';
import type {Found} from '../host/resolve-in-root.ts';
import type {TarEntry} from '../tar/entry.ts';
import {deletedBy, opaqueEntry, opaqueName, whiteoutEntry} from '../tar/whiteout.ts';
import {hardLinkEntry} from './hard-link.ts';
import type {LayerMedium} from './layer-medium.ts';
import {LowerView} from './lower-view.ts';
import {withStorableXattrs} from './set-attributes.ts';

/** One inode of the layer; several names share it. */
interface Inode<Content> {
	entry: TarEntry;
	/** What `putFile` was told. */
	readonly content?: Content | undefined;
	/** Where the index has its data; set while the index is made. */
	first?: RawPath;
}

interface Node<Content> {
	readonly inode: Inode<Content>;
	/** Names of what it holds; only for a directory. */
	readonly children: Set<string> | undefined;
	/** Hides what the directory below holds. */
	isOpaque: boolean;
}

/** What `finish` makes, and the names that are deleted by directory. */
interface Emitted<Content> {
	readonly deleted: ReadonlyMap<RawPath, readonly string[]>;
	readonly index: TarEntry[];
	readonly contents: (Content | undefined)[];
}

const root = '' as RawPath;

/**
 * Builds a canonical layer on a medium. Every path it takes is resolved (see `resolve`): the directories above it are real ones, so nothing is
 * ever written through a symlink.
 */
export class LayerBuilder<Content = never> {
	readonly lower: LowerView;
	readonly #medium: LayerMedium;
	readonly #nodes = new Map<RawPath, Node<Content>>();
	readonly #whiteouts = new Map<RawPath, Set<string>>();
	readonly #missing: (path: RawPath) => TarEntry;

	/** `missing` says what a directory looks like that is neither in the layer nor below. */
	constructor(
		medium: LayerMedium,
		options: {
			readonly lower: string | null;
			readonly missing: (path: RawPath) => TarEntry;
			/** What the medium holds already: the index that another builder returned. */
			readonly existing?: readonly TarEntry[] | undefined;
		},
	) {
		this.#medium = medium;
		this.lower = new LowerView(options.lower);
		this.#missing = options.missing;
		this.#nodes.set(root, {inode: {entry: options.missing(root)}, children: new Set(), isOpaque: false});
		for (const entry of options.existing ?? []) this.#adopt(entry);
	}

	close(): void {
		this.#medium.close();
		this.lower.close();
	}

	/** What the layer itself holds at a resolved path. */
	own(path: RawPath): TarEntry | undefined {
		return this.#nodes.get(path)?.inode.entry;
	}

	/** What a program would see at a path whose directories are resolved: the layer's, else what is below and not hidden. */
	look(path: RawPath): Found | undefined {
		const node = this.#nodes.get(path);
		if (node !== undefined) return node.inode.entry;
		if (this.lower.isEmpty || this.#isHidden(path)) return undefined;
		const stat = this.lower.stat(path);
		return stat?.type === 'symlink' ? this.lower.entry(path) : stat;
	}

	/** Follows symlinks of the layer and of what is below, inside the root. Undefined when there are too many. */
	resolve(text: string, last: 'follow' | 'keep'): RawPath | undefined {
		return resolveInRoot(text, (path) => this.look(path), last)?.path;
	}

	/** Makes the directories down to `path` that the layer does not have yet; the path of what is in the way, if anything is. */
	makeParents(path: RawPath): RawPath | undefined {
		if (this.#nodes.get(path)?.children !== undefined) return undefined;
		for (const directory of [...ancestorsOf(path), path]) {
			const node = this.#nodes.get(directory);
			if (node?.children !== undefined) continue;
			const below = node === undefined ? this.look(directory) : undefined;
			if (node !== undefined || (below !== undefined && below.type !== 'directory')) return directory;
			this.putDirectory((below === undefined ? undefined : this.lower.entry(directory)) ?? this.#missing(directory));
		}
		return undefined;
	}

	/** Makes a directory, or gives the one that is there other attributes. */
	putDirectory(entry: TarEntry): void {
		const node = this.#nodes.get(entry.path);
		if (node?.children !== undefined) {
			node.inode.entry = withStorableXattrs(entry);
			return;
		}
		this.remove(entry.path);
		this.#medium.makeDirectory(entry.path);
		this.#add(entry.path, {inode: {entry: withStorableXattrs(entry)}, children: new Set(), isOpaque: false});
	}

	/** Notes a file, whose content the caller brings to the medium; returns its entry as the layer has it. Replaces what the layer has there. */
	putFile(entry: TarEntry, content?: Content): TarEntry {
		this.remove(entry.path);
		const stored = withStorableXattrs(entry);
		this.#add(entry.path, {inode: {entry: stored, content}, children: undefined, isOpaque: false});
		return stored;
	}

	/** Makes a symlink, fifo or device with its attributes; a device that the kernel refuses is in the index only. */
	putOther(entry: TarEntry): void {
		this.remove(entry.path);
		// Linux gives every symlink this mode, whatever an archive says.
		const stored = withStorableXattrs(entry.type === 'symlink' ? {...entry, mode: 0o777} : entry);
		this.#add(entry.path, {inode: {entry: stored}, children: undefined, isOpaque: false});
		this.#medium.makeOther(stored);
	}

	/** Gives a file of the layer a further name; both paths are resolved. */
	putLink(path: RawPath, target: RawPath): void {
		const node = this.#nodes.get(target);
		if (path === target || node === undefined) return;
		this.remove(path);
		if (node.inode.entry.type !== 'char' && node.inode.entry.type !== 'block') this.#medium.makeLink(path, target);
		this.#add(path, {inode: node.inode, children: undefined, isOpaque: false});
	}

	/** Notes that a name of what is below is deleted. */
	addWhiteout(path: RawPath): void {
		const directory = parentOf(path) ?? path;
		const names = this.#whiteouts.get(directory);
		if (names === undefined) this.#whiteouts.set(directory, new Set([baseOf(path)]));
		else names.add(baseOf(path));
	}

	/** Hides what the directory below holds; without one there, nothing happens. */
	addOpaque(path: RawPath): void {
		if (this.#isHidden(path) || !this.lower.isDirectory(path) || this.makeParents(path) !== undefined) return;
		const node = this.#nodes.get(path);
		if (node !== undefined) node.isOpaque = true;
	}

	/** Removes what the layer has at a path. */
	remove(path: RawPath): void {
		const node = this.#nodes.get(path);
		if (node === undefined) return;
		this.#medium.remove(path);
		this.#drop(path, node);
		this.#nodes.get(parentOf(path) ?? root)?.children?.delete(baseOf(path));
	}

	/** Writes deletions, finishes the medium and returns the index; `contents` gets what `putFile` was told of each entry, in the same order. */
	finish(contents: (Content | undefined)[] = []): TarEntry[] {
		this.#expandRoot();
		const deleted = this.#placeWhiteouts();
		const index: TarEntry[] = [];
		this.#emit(root, {deleted, index, contents}, false);
		this.#medium.finish(index);
		return index;
	}

	/** Takes an entry of an earlier builder over, and what `finish` makes of it back. */
	#adopt(entry: TarEntry): void {
		const {path, type} = entry;
		const deleted = deletedBy(path);
		if (baseOf(path) === opaqueName) {
			const node = this.#nodes.get(parentOf(path) ?? root);
			if (node !== undefined) node.isOpaque = true;
		} else if (deleted !== undefined) {
			this.#medium.remove(deleted);
			this.addWhiteout(deleted);
		} else if (type === 'hardlink') {
			const target = this.#nodes.get((entry.link ?? '') as RawPath);
			if (target !== undefined) this.#add(path, {inode: target.inode, children: undefined, isOpaque: false});
		} else {
			const isDirectory = type === 'directory';
			if (isDirectory) this.#medium.unmark(path);
			this.#add(path, {inode: {entry}, children: isDirectory ? new Set() : undefined, isOpaque: false});
		}
	}

	#add(path: RawPath, node: Node<Content>): void {
		this.#nodes.set(path, node);
		this.#nodes.get(parentOf(path) ?? root)?.children?.add(baseOf(path));
	}

	#drop(path: RawPath, node: Node<Content>): void {
		this.#nodes.delete(path);
		for (const name of node.children ?? []) {
			const child = this.#nodes.get(joinRaw(path, name));
			if (child !== undefined) this.#drop(joinRaw(path, name), child);
		}
	}

	/** True when the layer itself hides what is below at this path. */
	#isHidden(path: RawPath): boolean {
		for (let at = path; at !== root;) {
			const directory = parentOf(at) ?? root;
			const node = this.#nodes.get(directory);
			if (node?.isOpaque === true || (node !== undefined && node.children === undefined)) return true;
			if (this.#whiteouts.get(directory)?.has(baseOf(at)) === true) return true;
			at = directory;
		}
		return false;
	}

	/** The overlay always merges roots, so an opaque root becomes single deletions. */
	#expandRoot(): void {
		const node = this.#nodes.get(root);
		if (node?.isOpaque !== true) return;
		node.isOpaque = false;
		for (const name of readdirSync(this.lower.at(root), {encoding: 'latin1'})) this.addWhiteout(name as RawPath);
	}

	/** Makes the whiteouts that delete something, and turns one beside a directory of its name into an opaque mark. By directory, the names. */
	#placeWhiteouts(): Map<RawPath, string[]> {
		const placed = new Map<RawPath, string[]>();
		for (const [directory, names] of [...this.#whiteouts].sort(([a], [b]) => (a < b ? -1 : 1))) {
			if (this.#nodes.get(directory)?.isOpaque === true || this.#isHidden(directory)) continue;
			const kept = [...names].filter((name) => this.lower.stat(joinRaw(directory, name)) !== undefined);
			if (kept.length === 0 || this.makeParents(directory) !== undefined) continue;
			for (const name of kept.sort()) {
				const path = joinRaw(directory, name);
				const node = this.#nodes.get(path);
				if (node === undefined) {
					this.#medium.markDeleted(path);
					placed.set(directory, [...(placed.get(directory) ?? []), name]);
				} else if (node.children !== undefined && this.lower.isDirectory(path)) node.isOpaque = true;
			}
		}
		return placed;
	}

	#emit(path: RawPath, layer: Emitted<Content>, isHidden: boolean): void {
		const node = this.#nodes.get(path);
		if (node === undefined) return;
		const {deleted, index, contents} = layer;
		const {inode, children} = node;
		if (children === undefined) {
			if (inode.first === undefined) {
				if (inode.content !== undefined) contents[index.length] = inode.content;
				index.push(inode.entry.path === path ? inode.entry : {...inode.entry, path});
			} else index.push(hardLinkEntry(inode.entry, path, inode.first));
			inode.first ??= path;
			return;
		}
		if (path !== root) index.push(inode.entry);
		const isOpaque = node.isOpaque && !isHidden;
		if (isOpaque) {
			this.#medium.markOpaque(path);
			index.push(opaqueEntry(path));
		}
		for (const name of deleted.get(path) ?? []) index.push(whiteoutEntry(joinRaw(path, name)));
		for (const name of [...children].sort()) this.#emit(joinRaw(path, name), layer, isHidden || isOpaque);
	}
}
