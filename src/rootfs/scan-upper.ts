import {chmodSync, chownSync, rmdirSync, unlinkSync} from 'node:fs';
import {parentOf} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {FileStat} from '../host/file-stat.ts';
import {setTimes} from '../host/file-calls.ts';
import {removeXattr, setXattr} from '../host/xattr.ts';
import {TreePaths} from '../host/tree-paths.ts';
import type {TarEntry} from '../tar/entry.ts';
import {whiteoutEntry} from '../tar/whiteout.ts';
import {markDeleted} from './deletion-mark.ts';
import {entryOfFile} from './entry-of-file.ts';
import {hardLinkEntry} from './hard-link.ts';
import {layerTime} from './layer-times.ts';
import type {TimeRule} from './layer-times.ts';
import {ownerXattr, printOwnerMark} from '../core/owner-mark.ts';
import {type IdMap, trustedMark} from './id-map.ts';
import {readXattrs, sameXattrs, stripBookkeeping, type XattrView} from './layer-xattrs.ts';
import {readUpperDirectory} from './read-upper-directory.ts';
import type {UpperFile} from './read-upper-directory.ts';
import {sameContent} from './same-content.ts';
import {StackedTree} from './stacked-tree.ts';

export interface ScanOptions {
	/** Path of a read-only merged view of what is below; null when there is nothing. */
	readonly lower: string | null;
	/** Layer directories between that and the upperdir, topmost first. */
	readonly between?: readonly string[];
	readonly times: TimeRule;
	/** Of the namespace that the step ran in. */
	readonly mapped: IdMap;
	/** Paths that are removed and never enter the layer. */
	readonly skip?: ReadonlySet<RawPath>;
}

/** Modification time of every layer directory itself: a tar without a root entry cannot say another one. */
const rootTime = 0;

/**
 * Turns an overlay upperdir (kernel userxattr or fuse-overlayfs) into a canonical layer directory, in place, and returns the layer's index:
 * rules 1 to 9 of the layers chapter of src/README.md. Reads metadata, and content only to compare with an equally large lower file.
 */
export function scanUpper(upper: string, options: ScanOptions): TarEntry[] {
	const scan = new UpperScan(upper, options);
	try {
		return scan.run();
	} finally {
		scan.close();
	}
}

interface Row {
	entry: TarEntry;
	/** False for what is as it was below: it stays only when something below it stays. */
	kept: boolean;
	readonly isDirectory: boolean;
}

/** Names of one inode. */
interface Group {
	readonly rows: Row[];
	readonly lowerInodes: Set<bigint>;
}

class UpperScan {
	readonly #upper: TreePaths;
	readonly #lower: StackedTree;
	readonly #root: string;
	readonly #options: ScanOptions;
	readonly #rows: Row[] = [];
	readonly #groups = new Map<string, Group>();

	constructor(upper: string, options: ScanOptions) {
		this.#root = upper;
		this.#upper = new TreePaths(upper);
		this.#lower = new StackedTree(options.between ?? [], options.lower);
		this.#options = options;
	}

	run(): TarEntry[] {
		const root = this.#upper.at('' as RawPath);
		const view = readXattrs(root);
		stripBookkeeping(root, view);
		this.#directory('' as RawPath, !this.#lower.isEmpty, false);
		this.#linkGroups();
		const index = this.#prune();
		for (const entry of index) if (entry.type === 'directory') setTimes(this.#upper.at(entry.path), entry.mtime);
		chownSync(this.#root, 0, 0);
		chmodSync(this.#root, 0o755);
		setTimes(root, rootTime);
		return index;
	}

	close(): void {
		this.#upper.close();
		this.#lower.close();
	}

	/** `isMerged`: a real directory stands at the same place below. `isHidden`: the overlay does not show what that one holds. */
	#directory(path: RawPath, isMerged: boolean, isHidden: boolean): void {
		const found = readUpperDirectory(this.#upper, path, this.#options.skip);
		const hides = isHidden || found.isOpaque;
		const lower = isMerged ? this.#lower : undefined;
		const deleted = new Set(found.deleted);
		if (hides && lower !== undefined) for (const name of lower.names(path)) deleted.add(name);
		for (const name of [...deleted].sort()) {
			const target = found.pathOf(name);
			if (found.files.has(name)) continue;
			if (lower?.stat(target) !== undefined) {
				if (!found.devices.has(name)) markDeleted(this.#upper.at(target));
				this.#rows.push({entry: whiteoutEntry(target), kept: true, isDirectory: false});
			} else if (found.devices.has(name)) unlinkSync(this.#upper.at(target));
		}
		for (const [name, file] of found.files) {
			if (file.stat.type === 'directory') this.#childDirectory(file, lower, hides || found.deleted.has(name));
			else this.#file(file, lower);
		}
	}

	#childDirectory(file: UpperFile, lower: StackedTree | undefined, isHidden: boolean): void {
		const below = lower?.stat(file.path);
		const xattrs = this.#xattrsOf(file);
		const entry = entryOfFile(file.path, file.at, file.stat, xattrs, layerTime(file.stat, this.#options.times));
		if (entry === undefined) return;
		const row: Row = {entry, kept: !this.#isSame(entry, below, lower), isDirectory: true};
		this.#rows.push(row);
		this.#directory(file.path, below?.type === 'directory', isHidden);
	}

	#file(file: UpperFile, lower: StackedTree | undefined): void {
		const below = lower?.stat(file.path);
		const xattrs = this.#xattrsOf(file);
		const entry = entryOfFile(file.path, file.at, file.stat, xattrs, layerTime(file.stat, this.#options.times));
		if (entry === undefined) {
			unlinkSync(file.at);
			return;
		}
		stripBookkeeping(file.at, xattrs);
		const isSame = this.#isSame(entry, below, lower);
		const row: Row = {entry, kept: !isSame, isDirectory: false};
		this.#rows.push(row);
		if (file.stat.nlink > 1) this.#group(file.stat, row, below);
		if (!isSame && (file.stat.nanoseconds !== 0 || file.stat.mtime !== entry.mtime)) setTimes(file.at, entry.mtime);
	}

	/** The xattrs of a file; of a mark that others than root can have written nothing is left, before root takes the file over. */
	#xattrsOf({at, stat}: UpperFile): XattrView {
		const found = readXattrs(at);
		if (found.owner?.beside === undefined) return found;
		const owner = trustedMark(this.#options.mapped, found.owner, stat);
		if (owner === undefined) removeXattr(at, ownerXattr);
		else if (owner !== found.owner) setXattr(at, ownerXattr, printOwnerMark(owner));
		return {...found, owner};
	}

	/** True when the file below is the same in everything that a layer says about it. */
	#isSame(entry: TarEntry, below: FileStat | undefined, lower: StackedTree | undefined): boolean {
		if (below === undefined || lower === undefined || below.type !== entry.type || below.mtime !== entry.mtime) return false;
		if (entry.type === 'file' && below.size !== entry.size) return false;
		const at = lower.at(entry.path);
		const xattrs = readXattrs(at);
		const other = entryOfFile(entry.path, at, below, xattrs, below.mtime);
		if (other === undefined || other.mode !== entry.mode || other.uid !== entry.uid || other.gid !== entry.gid || other.link !== entry.link)
			return false;
		if (other.device?.major !== entry.device?.major || other.device?.minor !== entry.device?.minor) return false;
		if (!sameXattrs(entry.xattrs, other.xattrs)) return false;
		return entry.type !== 'file' || entry.size === 0 || sameContent(this.#upper.at(entry.path), at);
	}

	#group(stat: FileStat, row: Row, below: FileStat | undefined): void {
		const key = `${stat.device}:${stat.inode}`;
		let group = this.#groups.get(key);
		if (group === undefined) {
			group = {rows: [], lowerInodes: new Set()};
			this.#groups.set(key, group);
		}
		group.rows.push(row);
		if (below !== undefined) group.lowerInodes.add(below.inode);
	}

	/** A group of links is unchanged only as a whole; otherwise the first name carries the data and the others link to it. */
	#linkGroups(): void {
		for (const {rows, lowerInodes} of this.#groups.values()) {
			if (rows.every((row) => !row.kept) && lowerInodes.size <= 1) continue;
			const [first] = rows;
			for (const row of rows) {
				row.kept = true;
				setTimes(this.#upper.at(row.entry.path), row.entry.mtime);
				if (row !== first && first !== undefined) row.entry = hardLinkEntry(row.entry, row.entry.path, first.entry.path);
			}
		}
	}

	/** Removes what did not change, from the directory and from the index; a directory stays for what it holds. */
	#prune(): TarEntry[] {
		const needed = new Set<RawPath>();
		const index: TarEntry[] = [];
		for (const row of this.#rows.toReversed()) {
			const {path} = row.entry;
			if (row.kept || needed.has(path)) {
				needed.add(parentOf(path) ?? path);
				index.push(row.entry);
				continue;
			}
			if (row.isDirectory) {
				this.#upper.forget();
				rmdirSync(this.#upper.at(path));
			} else unlinkSync(this.#upper.at(path));
		}
		for (const entry of index) {
			if (entry.type !== 'directory') continue;
			const at = this.#upper.at(entry.path);
			stripBookkeeping(at, readXattrs(at));
		}
		return index.toReversed();
	}
}
