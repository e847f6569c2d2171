import {chmodSync, constants, linkSync, mkdirSync, openSync, readdirSync, symlinkSync} from 'node:fs';
import {ancestorsOf, baseOf, joinRaw, parentOf} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import {makeDevice, makeFifo, setTimes} from '../host/file-calls.ts';
import {resolveInRoot} from '../host/resolve-in-root.ts';
import type {Found} from '../host/resolve-in-root.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {listXattrs, removeXattr, setXattr} from '../host/xattr.ts';
import type {TarEntry} from '../tar/entry.ts';
import {deletedBy, opaqueEntry, opaqueName, whiteoutEntry} from '../tar/whiteout.ts';
import {markDeleted} from './deletion-mark.ts';
import {hardLinkEntry} from './hard-link.ts';
import type {IdMap} from './id-map.ts';
import {LowerView} from './lower-view.ts';
import {removeTree} from './remove-tree.ts';
import {setOtherAttributes, withStorableXattrs} from './set-attributes.ts';

/** One inode of the layer; several names share it. */
interface Inode {
	entry: TarEntry;
	/** Where the index has its data; set while the index is made. */
	first?: RawPath;
}

interface Node {
	readonly inode: Inode;
	/** Names of what it holds; only for a directory. */
	readonly children: Set<string> | undefined;
	/** Hides what the directory below holds. */
	isOpaque: boolean;
}

const root = '' as RawPath;

/**
 * Fills an empty directory as a canonical layer directory. Every path it takes is resolved (see `resolve`): the directories above it are real ones,
 * so nothing is ever written through a symlink.
 */
export class LayerBuilder {
	readonly lower: LowerView;
	readonly mapped: IdMap;
	readonly #paths: TreePaths;
	readonly #nodes = new Map<RawPath, Node>();
	readonly #whiteouts = new Map<RawPath, Set<string>>();
	readonly #missing: (path: RawPath) => TarEntry;

	/** `missing` says what a directory looks like that is neither in the layer nor below. */
	constructor(
		directory: string,
		options: {
			readonly lower: string | null;
			readonly mapped: IdMap;
			readonly missing: (path: RawPath) => TarEntry;
			/** What the directory holds already: the index that another builder returned. */
			readonly existing?: readonly TarEntry[] | undefined;
		},
	) {
		this.#paths = new TreePaths(directory);
		this.lower = new LowerView(options.lower);
		this.mapped = options.mapped;
		this.#missing = options.missing;
		// A set-group-id directory would hand its group down.
		chmodSync(directory, 0o755);
		this.#nodes.set(root, {inode: {entry: options.missing(root)}, children: new Set(), isOpaque: false});
		for (const entry of options.existing ?? []) this.#adopt(entry);
	}

	close(): void {
		this.#paths.close();
		this.lower.close();
	}

	/** For system calls. */
	at(path: RawPath): Buffer {
		return this.#paths.at(path);
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
		mkdirSync(this.at(entry.path), 0o700);
		this.#add(entry.path, {inode: {entry: withStorableXattrs(entry)}, children: new Set(), isOpaque: false});
	}

	/** Makes the file and opens it for its content; `setFileAttributes` comes after that. Replaces what the layer has there. */
	createFile(entry: TarEntry): {readonly fd: number; readonly entry: TarEntry} {
		this.remove(entry.path);
		const stored = withStorableXattrs(entry);
		const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
		const fd = openSync(this.at(entry.path), flags, 0o600);
		this.#add(entry.path, {inode: {entry: stored}, children: undefined, isOpaque: false});
		return {fd, entry: stored};
	}

	/** Makes a symlink, fifo or device with its attributes; a device that the kernel refuses is in the index only. */
	putOther(entry: TarEntry): void {
		this.remove(entry.path);
		// Linux gives every symlink this mode, whatever an archive says.
		const stored = withStorableXattrs(entry.type === 'symlink' ? {...entry, mode: 0o777} : entry);
		this.#add(entry.path, {inode: {entry: stored}, children: undefined, isOpaque: false});
		const at = this.at(entry.path);
		if (stored.type === 'symlink') symlinkSync(Buffer.from(stored.link ?? '', 'latin1'), at);
		else if (stored.type === 'fifo') makeFifo(at, 0o600);
		else if (!this.#makeDevice(at, stored)) return;
		setOtherAttributes(at, stored, this.mapped);
	}

	/** Gives a file of the layer a further name; both paths are resolved. */
	putLink(path: RawPath, target: RawPath): void {
		const node = this.#nodes.get(target);
		if (path === target || node === undefined) return;
		this.remove(path);
		if (node.inode.entry.type !== 'char' && node.inode.entry.type !== 'block') linkSync(this.at(target), this.at(path));
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
		this.#paths.forget();
		removeTree(this.at(path));
		this.#drop(path, node);
		this.#nodes.get(parentOf(path) ?? root)?.children?.delete(baseOf(path));
	}

	/** Writes deletions, sets the attributes of directories and returns the index. */
	finish(): TarEntry[] {
		this.#expandRoot();
		const deleted = this.#placeWhiteouts();
		const index: TarEntry[] = [];
		this.#emit(root, deleted, false, index);
		for (const entry of index) if (entry.type === 'directory') setOtherAttributes(this.at(entry.path), entry, this.mapped);
		setTimes(this.at(root), 0);
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
			removeTree(this.at(deleted));
			this.addWhiteout(deleted);
		} else if (type === 'hardlink') {
			const target = this.#nodes.get((entry.link ?? '') as RawPath);
			if (target !== undefined) this.#add(path, {inode: target.inode, children: undefined, isOpaque: false});
		} else {
			const isDirectory = type === 'directory';
			if (isDirectory) for (const name of listXattrs(this.at(path))) if (name.startsWith('user.')) removeXattr(this.at(path), name);
			this.#add(path, {inode: {entry}, children: isDirectory ? new Set() : undefined, isOpaque: false});
		}
	}

	#add(path: RawPath, node: Node): void {
		this.#nodes.set(path, node);
		this.#nodes.get(parentOf(path) ?? root)?.children?.add(baseOf(path));
	}

	#drop(path: RawPath, node: Node): void {
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

	#makeDevice(at: Buffer, entry: TarEntry): boolean {
		try {
			makeDevice(at, entry.type === 'block' ? 'block' : 'char', entry.device ?? {major: 0, minor: 0});
			return true;
		} catch (error) {
			if (error instanceof Error && 'code' in error && (error.code === 'EPERM' || error.code === 'EINVAL')) return false;
			throw error;
		}
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
					markDeleted(this.at(path));
					placed.set(directory, [...(placed.get(directory) ?? []), name]);
				} else if (node.children !== undefined && this.lower.isDirectory(path)) node.isOpaque = true;
			}
		}
		return placed;
	}

	#emit(path: RawPath, deleted: ReadonlyMap<RawPath, readonly string[]>, isHidden: boolean, index: TarEntry[]): void {
		const node = this.#nodes.get(path);
		if (node === undefined) return;
		const {inode, children} = node;
		if (children === undefined) {
			index.push(inode.first === undefined ? {...inode.entry, path} : hardLinkEntry(inode.entry, path, inode.first));
			inode.first ??= path;
			return;
		}
		if (path !== root) index.push(inode.entry);
		const isOpaque = node.isOpaque && !isHidden;
		if (isOpaque) {
			setXattr(this.at(path), 'user.overlay.opaque', 'y');
			index.push(opaqueEntry(path));
		}
		for (const name of deleted.get(path) ?? []) index.push(whiteoutEntry(joinRaw(path, name)));
		for (const name of [...children].sort()) this.#emit(joinRaw(path, name), deleted, isHidden || isOpaque, index);
	}
}
