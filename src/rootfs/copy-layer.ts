import {joinRaw, parentOf, rawOf} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {TreeEntry, TreeItem} from '../core/tree-entry.ts';
import {TreePaths} from '../host/tree-paths.ts';
import type {TarEntry} from '../tar/entry.ts';
import {assertFits, assertName, findDestination, landingOf} from './copy-destination.ts';
import type {CopySources, Destination} from './copy-destination.ts';
import type {IdMap} from './id-map.ts';
import {LayerBuilder} from './layer-builder.ts';
import {LayerDirectory} from './layer-directory.ts';
import {type LayerMedium, noMedium} from './layer-medium.ts';
import {readXattrs} from './layer-xattrs.ts';
import type {ChangeMode} from './parse-chmod.ts';
import {writeFile} from './planned-directory.ts';

/** What a copy makes of what. */
export interface CopyPlanRequest extends CopySources {
	/** Path of a read-only merged view of everything below; null when there is nothing. */
	readonly lower: string | null;
	/** Owner of everything copied and of every directory made on the way; undefined: 0:0. */
	readonly owner?: {readonly uid: number; readonly gid: number} | undefined;
	/** Keeps the owners of the source (unless there is `owner`), its user xattrs and file capabilities: copies from stages. */
	readonly keepOwner?: boolean;
	readonly chmod?: ChangeMode | undefined;
	/** Modification time of everything copied and made; `keep` for the source's, and 0 for directories on the way and inline files. */
	readonly mtime: number | 'keep';
}

export interface CopyRequest extends CopyPlanRequest {
	/** Empty but for what `existing` names; becomes the layer directory. */
	readonly directory: string;
	/** The index of what earlier calls have put into the directory; it becomes part of the one returned. */
	readonly existing?: readonly TarEntry[];
	readonly mapped: IdMap;
}

/** Where the content of a copied file is: a file of a tree, or the bytes themselves. */
export type FileContent = {readonly root: TreePaths; readonly source: TreeEntry} | Buffer;

/** A layer of which nothing is written yet. */
export interface PlannedLayer {
	readonly index: readonly TarEntry[];
	/** By positions of the index: of every regular file. */
	readonly contents: readonly (FileContent | undefined)[];
	close(): void;
}

/** A layer that is a directory now. */
export interface CopiedDirectory {
	readonly index: TarEntry[];
	/** By positions of the index: where each regular file that was copied now came from. */
	readonly contents: readonly (FileContent | undefined)[];
}

/** Builds the layer of a COPY or ADD in a directory. Throws BuildError when a file meets a directory. */
export function copyLayer(request: CopyRequest): CopiedDirectory {
	const files = new LayerDirectory(request.directory, request.mapped);
	const copy = new LayerCopy(request, files, (entry, content) => writeFile(files, entry, content));
	try {
		return copy.run();
	} finally {
		copy.close();
	}
}

/** The same layer as an index and where its contents are; what is copied must stay there until these are read. Throws BuildError when a file meets a directory. */
export function planCopy(request: CopyPlanRequest): PlannedLayer {
	const copy = new LayerCopy(request, noMedium, () => {});
	try {
		return {...copy.run(), close: () => copy.close()};
	} catch (error) {
		copy.close();
		throw error;
	}
}

class LayerCopy {
	readonly #request: CopyPlanRequest;
	readonly #builder: LayerBuilder<FileContent>;
	readonly #write: (entry: TarEntry, content: FileContent) => void;
	readonly #roots = new Map<string, TreePaths>();
	readonly #madeTime: number;

	constructor(
		request: CopyPlanRequest & {readonly existing?: readonly TarEntry[]},
		medium: LayerMedium,
		write: (entry: TarEntry, content: FileContent) => void,
	) {
		this.#request = request;
		this.#write = write;
		this.#madeTime = request.mtime === 'keep' ? 0 : request.mtime;
		const owner = request.owner ?? {uid: 0, gid: 0};
		const missing = (path: RawPath): TarEntry => ({path, type: 'directory', mode: 0o755, ...owner, size: 0, mtime: this.#madeTime});
		const {lower, existing} = request;
		this.#builder = new LayerBuilder(medium, {lower, missing, existing});
	}

	run(): CopiedDirectory {
		const destination = findDestination(this.#request, (path) => this.#builder.look(path));
		for (const {root, item} of this.#request.items) {
			if (item.isDirectory) this.#makeDirectories(destination.path);
			this.#copyItem(this.#rootOf(root), item, destination);
		}
		for (const {name, content} of this.#request.files) this.#writeInline(landingOf(destination, rawOf(name)), content);
		const contents: (FileContent | undefined)[] = [];
		return {index: this.#builder.finish(contents), contents};
	}

	close(): void {
		this.#builder.close();
		for (const paths of this.#roots.values()) paths.close();
	}

	#copyItem(root: TreePaths, item: TreeItem, destination: Destination): void {
		/** First name of every inode that has several. */
		const linked = new Map<string, RawPath>();
		const base = item.isDirectory ? destination.path : landingOf(destination, item.name);
		for (const entry of item.entries) {
			// An item that is a directory gives its contents only: the destination is made 0755 or stays as it is.
			if (entry.path === '' && item.isDirectory) continue;
			const path = entry.path === '' ? base : joinRaw(base, entry.path);
			assertName(path);
			const target = entry.inode === undefined ? undefined : linked.get(entry.inode);
			this.#makeDirectories(parentOf(path) ?? path);
			assertFits(path, entry.type === 'directory', this.#builder.look(path)?.type);
			if (target !== undefined) this.#builder.putLink(path, target);
			else this.#copyEntry(root, entry, path);
			if (entry.inode !== undefined) linked.set(entry.inode, target ?? path);
		}
	}

	#copyEntry(root: TreePaths, source: TreeEntry, path: RawPath): void {
		const entry = this.#entryFor(source, path, root);
		if (entry.type === 'directory') this.#builder.putDirectory(entry);
		else if (entry.type !== 'file') this.#builder.putOther(entry);
		else this.#putFile(entry, {root, source});
	}

	#entryFor(source: TreeEntry, path: RawPath, root: TreePaths): TarEntry {
		const {owner, keepOwner, chmod, mtime} = this.#request;
		const {uid, gid} = owner ?? (keepOwner === true ? source : {uid: 0, gid: 0});
		const keepsXattrs = keepOwner === true && (source.type === 'file' || source.type === 'directory');
		const xattrs = keepsXattrs ? readXattrs(root.at(source.source)).carried : undefined;
		const isLink = source.type === 'symlink';
		return {
			path,
			type: source.type,
			mode: isLink ? 0o777 : chmod === undefined ? source.mode : chmod(source.mode, source.type === 'directory'),
			uid,
			gid,
			size: source.type === 'file' ? source.size : 0,
			mtime: mtime === 'keep' ? source.mtime : mtime,
			...(isLink ? {link: source.link ?? ''} : {}),
			...(xattrs === undefined ? {} : {xattrs}),
		};
	}

	#writeInline(path: RawPath, content: string): void {
		const bytes = Buffer.from(content, 'utf8');
		const {owner, chmod} = this.#request;
		assertName(path);
		this.#makeDirectories(parentOf(path) ?? path);
		assertFits(path, false, this.#builder.look(path)?.type);
		const mode = chmod === undefined ? 0o644 : chmod(0o644, false);
		const {uid, gid} = owner ?? {uid: 0, gid: 0};
		this.#putFile({path, type: 'file', mode, uid, gid, size: bytes.length, mtime: this.#madeTime}, bytes);
	}

	#putFile(wanted: TarEntry, content: FileContent): void {
		this.#write(this.#builder.putFile(wanted, content), content);
	}

	#makeDirectories(path: RawPath): void {
		assertName(path);
		const inTheWay = this.#builder.makeParents(path);
		if (inTheWay !== undefined) assertFits(inTheWay, true, this.#builder.look(inTheWay)?.type ?? 'file');
	}

	#rootOf(root: string): TreePaths {
		let paths = this.#roots.get(root);
		if (paths === undefined) {
			paths = new TreePaths(root);
			this.#roots.set(root, paths);
		}
		return paths;
	}
}
