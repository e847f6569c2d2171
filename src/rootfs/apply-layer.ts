import {closeSync, copyFileSync, writeSync} from 'node:fs';
import {baseOf, joinRaw, parentOf, textOf} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import {archiveRefused} from '../diagnostics/archive.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {ArchiveFault} from '../tar/archive-fault.ts';
import type {TarEntry} from '../tar/entry.ts';
import {readEntries} from '../tar/read-entries.ts';
import type {EntrySink} from '../tar/read-entries.ts';
import type {ReadLimits} from '../tar/read-limits.ts';
import {opaqueName, whiteoutPrefix} from '../tar/whiteout.ts';
import type {IdMap} from './id-map.ts';
import {LayerBuilder} from './layer-builder.ts';
import {LayerDirectory} from './layer-directory.ts';
import {setFileAttributes} from './set-attributes.ts';

export interface ApplyOptions {
	/** Path of a read-only merged view of everything below; null when there is nothing. */
	readonly lower: string | null;
	readonly mapped: IdMap;
	readonly limits?: Partial<ReadLimits>;
	/** Unpacks an archive into this directory of the image (ADD) instead of applying a layer: symlinks on its way are followed in the root. */
	readonly prefix?: RawPath;
	/** For the directories that unpacking makes on the way to `prefix`. */
	readonly prefixTime?: number;
	/** Owner of everything unpacked and of every directory made on the way; undefined: as the archive says, 0:0 for what it does not name. */
	readonly owner?: {readonly uid: number; readonly gid: number} | undefined;
	/** The index of what earlier calls have put into the directory; it becomes part of the one returned. */
	readonly existing?: readonly TarEntry[];
}

/**
 * Extracts a layer or root file system tar (uncompressed) into an empty directory (see `existing`) as a canonical layer directory and returns its index: sorted, the last
 * of equal paths wins, deletions only of what is below. Nothing is written outside `directory`, whatever the archive says.
 * Throws BuildError for an archive that is broken or hostile.
 */
export async function applyLayer(input: AsyncIterable<Uint8Array>, directory: string, options: ApplyOptions): Promise<TarEntry[]> {
	const missing = (path: RawPath): TarEntry => ({
		path,
		type: 'directory',
		mode: 0o755,
		uid: 0,
		gid: 0,
		...options.owner,
		size: 0,
		mtime: options.prefixTime ?? 0,
	});
	const {lower, mapped, existing} = options;
	const files = new LayerDirectory(directory, mapped);
	const builder = new LayerBuilder(files, {lower, missing, existing});
	const layer = new LayerApplication({builder, files}, options);
	try {
		layer.start();
		await readEntries(input, (entry) => layer.take({...entry, ...options.owner}), options.limits);
		return builder.finish();
	} catch (error) {
		if (!(error instanceof ArchiveFault)) throw error;
		throw new BuildError(archiveRefused({kind: error.kind, entry: shown(error.entry), detail: shown(error.detail)}), {cause: error});
	} finally {
		layer.close();
		builder.close();
	}
}

function shown(bytes: string | undefined): string | undefined {
	return bytes === undefined ? undefined : textOf(bytes as RawPath);
}

/** The layer and the directory that it becomes. */
interface Target {
	readonly builder: LayerBuilder;
	readonly files: LayerDirectory;
}

class LayerApplication {
	readonly #builder: LayerBuilder;
	readonly #files: LayerDirectory;
	readonly #prefix: RawPath | undefined;
	readonly #owner: ApplyOptions['owner'];
	/** The directory of the entry before: archives list a directory's files together. */
	#lastText: string | undefined;
	#lastPath = '' as RawPath;
	#lastFile: FileSink | undefined;

	constructor({builder, files}: Target, {prefix, owner}: ApplyOptions) {
		this.#builder = builder;
		this.#files = files;
		this.#prefix = prefix;
		this.#owner = owner;
	}

	start(): void {
		if (this.#prefix !== undefined) this.#makeDirectories(this.#resolve(this.#prefix, this.#prefix, 'follow'), this.#prefix);
	}

	close(): void {
		this.#lastFile?.close();
	}

	take(entry: TarEntry): EntrySink | undefined {
		if (entry.path === '') {
			// An entry for the root must be what the root is; its attributes have no place in a layer.
			if (entry.type !== 'directory') throw new ArchiveFault('escape', {entry: '/'});
			return undefined;
		}
		const name = baseOf(entry.path);
		if (/(?:^|\/)\.wh\..*\//v.test(entry.path)) {
			// Inside AUFS's own directories there is nothing for us; inside other whiteouts nothing can be.
			if (/(?:^|\/)\.wh\.\.wh\..*\//v.test(entry.path) && this.#prefix === undefined) return undefined;
			throw new ArchiveFault('whiteout', {entry: entry.path});
		}
		const directory = this.#directoryOf(entry);
		const path = joinRaw(directory, name);
		if (name.startsWith(whiteoutPrefix)) return this.#takeMarker(entry, directory, name);
		if (entry.type === 'char' && entry.device?.major === 0 && entry.device.minor === 0) {
			// A layer made from a bare upperdir: on disk it would be a deletion too.
			this.#builder.addWhiteout(path);
			return undefined;
		}
		this.#makeDirectories(directory, entry.path);
		return this.#place({...entry, path});
	}

	#place(entry: TarEntry): EntrySink | undefined {
		if (this.#builder.own(entry.path) !== undefined || entry.type === 'symlink') this.#lastText = undefined;
		switch (entry.type) {
			case 'file':
				this.#lastFile = new FileSink(this.#files, this.#builder.putFile(entry));
				return this.#lastFile;
			case 'directory':
				this.#builder.putDirectory(entry);
				return undefined;
			case 'hardlink':
				this.#link(entry);
				return undefined;
			case 'symlink':
				if ((entry.link ?? '').length > 4095) throw new ArchiveFault('link', {entry: entry.path, detail: 'too long'});
				this.#builder.putOther(entry);
				return undefined;
			default:
				this.#builder.putOther(entry);
				return undefined;
		}
	}

	#link(entry: TarEntry): void {
		const text = entry.link ?? '';
		const target = this.#resolve(this.#prefix === undefined ? text : `${this.#prefix}/${text}`, entry.path, 'keep');
		const own = this.#builder.own(target);
		if (own !== undefined) {
			if (own.type === 'directory') throw new ArchiveFault('link', {entry: entry.path, detail: text});
			this.#builder.putLink(entry.path, target);
			return;
		}
		// Other builders link to files of lower layers; a layer directory cannot, so the file is copied up.
		const found = this.#builder.look(target) === undefined ? undefined : this.#builder.lower.entry(target);
		const below = found === undefined ? undefined : {...found, ...this.#owner};
		if (below === undefined || below.type === 'directory') throw new ArchiveFault('link', {entry: entry.path, detail: text});
		if (below.type !== 'file') this.#builder.putOther({...below, path: entry.path});
		else this.#copyUp(below, entry.path, target);
	}

	#copyUp(below: TarEntry, path: RawPath, target: RawPath): void {
		const entry = this.#builder.putFile({...below, path});
		const fd = this.#files.createFile(path);
		try {
			copyFileSync(this.#builder.lower.at(target), Buffer.from(`/proc/self/fd/${fd}`));
			setFileAttributes(fd, this.#files.at(path), entry, this.#files.mapped, -1);
		} finally {
			closeSync(fd);
		}
	}

	#takeMarker(entry: TarEntry, directory: RawPath, name: string): undefined {
		if (this.#prefix !== undefined) throw new ArchiveFault('name', {entry: entry.path});
		const target = name.slice(whiteoutPrefix.length);
		if (target === '' || target === '.' || target === '..') throw new ArchiveFault('whiteout', {entry: entry.path});
		if (name === opaqueName) this.#builder.addOpaque(directory);
		// `.wh..wh.plnk` and its like are AUFS's own.
		else if (!target.startsWith(whiteoutPrefix)) this.#builder.addWhiteout(joinRaw(directory, target));
		this.#lastText = undefined;
	}

	#directoryOf(entry: TarEntry): RawPath {
		const own = parentOf(entry.path) ?? ('' as RawPath);
		const text = this.#prefix === undefined ? own : `${this.#prefix}/${own}`;
		if (text !== this.#lastText) {
			this.#lastPath = this.#resolve(text, entry.path, 'follow');
			this.#lastText = text;
		}
		return this.#lastPath;
	}

	#resolve(text: string, entry: RawPath, last: 'follow' | 'keep'): RawPath {
		const path = this.#builder.resolve(text, last);
		if (path === undefined) throw new ArchiveFault('link', {entry, detail: text});
		return path;
	}

	#makeDirectories(path: RawPath, entry: RawPath): void {
		const inTheWay = this.#builder.makeParents(path);
		if (inTheWay !== undefined) throw new ArchiveFault('parent', {entry, detail: inTheWay});
	}
}

class FileSink implements EntrySink {
	readonly #files: LayerDirectory;
	readonly #entry: TarEntry;
	readonly #fd: number;
	#isOpen = true;

	constructor(files: LayerDirectory, entry: TarEntry) {
		this.#files = files;
		this.#entry = entry;
		this.#fd = files.createFile(entry.path);
	}

	data(chunk: Buffer): void {
		for (let at = 0; at < chunk.length;) at += writeSync(this.#fd, chunk, at, chunk.length - at);
	}

	end(): void {
		try {
			setFileAttributes(this.#fd, this.#files.at(this.#entry.path), this.#entry, this.#files.mapped, 0o600);
		} finally {
			this.close();
		}
	}

	close(): void {
		if (this.#isOpen) closeSync(this.#fd);
		this.#isOpen = false;
	}
}
