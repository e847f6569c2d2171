import {parentOf} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import {fileStat} from '../host/file-stat.ts';
import type {FileStat} from '../host/file-stat.ts';
import {TreePaths} from '../host/tree-paths.ts';
import type {TarEntry} from '../tar/entry.ts';
import {entryOfFile} from './entry-of-file.ts';
import {readXattrs} from './layer-xattrs.ts';

/** Looks things up in a read-only merged view and never walks through a symlink: what lies beyond one is not there. */
export class LowerView {
	readonly #paths: TreePaths | undefined;
	readonly #directories = new Map<RawPath, boolean>([['' as RawPath, true]]);

	/** `root` is null when there is nothing below. */
	constructor(root: string | null) {
		this.#paths = root === null ? undefined : new TreePaths(root);
	}

	get isEmpty(): boolean {
		return this.#paths === undefined;
	}

	stat(path: RawPath): FileStat | undefined {
		if (this.#paths === undefined || !this.isDirectory(parentOf(path) ?? path)) return undefined;
		return fileStat(this.#paths.at(path));
	}

	isDirectory(path: RawPath): boolean {
		if (this.#paths === undefined) return false;
		let known = this.#directories.get(path);
		if (known === undefined) {
			known = this.stat(path)?.type === 'directory';
			this.#directories.set(path, known);
		}
		return known;
	}

	/** What a layer would say about the file. */
	entry(path: RawPath): TarEntry | undefined {
		const stat = this.stat(path);
		if (stat === undefined) return undefined;
		const at = this.at(path);
		return entryOfFile(path, at, stat, readXattrs(at), stat.mtime);
	}

	/** For system calls; only for what `stat` has found. */
	at(path: RawPath): Buffer {
		if (this.#paths === undefined) throw new RangeError('there is nothing below');
		return this.#paths.at(path);
	}

	close(): void {
		this.#paths?.close();
	}
}
