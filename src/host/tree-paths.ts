import {closeSync, constants, openSync} from 'node:fs';
import type {RawPath} from '../core/raw-path.ts';

/** PATH_MAX is 4096 with the NUL; the margin is for `/proc/self/fd/N/`. */
const longest = 4000;

/**
 * Turns paths below a root into what system calls take, whatever their length: a path that PATH_MAX forbids goes through
 * a descriptor of a directory on its way. Call `forget` before a directory is replaced, and `close` at the end.
 */
export class TreePaths {
	readonly #prefix: string;
	readonly #root: Buffer;
	/** Directory path to its descriptor; only for deep directories. */
	readonly #open = new Map<string, number>();

	constructor(root: string) {
		this.#root = Buffer.from(root, 'utf8');
		this.#prefix = `${this.#root.toString('latin1')}/`;
	}

	at(path: RawPath): Buffer {
		if (path === '') return this.#root;
		if (this.#prefix.length + path.length <= longest) return Buffer.from(this.#prefix + path, 'latin1');
		return this.#deep(path);
	}

	forget(): void {
		for (const fd of this.#open.values()) closeSync(fd);
		this.#open.clear();
	}

	close(): void {
		this.forget();
	}

	#deep(path: RawPath): Buffer {
		const cut = path.lastIndexOf('/', Math.max(path.length - longest / 2, 0) || path.length);
		const end = cut > 0 ? cut : path.indexOf('/');
		const directory = path.slice(0, end) as RawPath;
		let fd = this.#open.get(directory);
		if (fd === undefined) {
			fd = openSync(this.at(directory), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
			if (this.#open.size > 64) this.forget();
			this.#open.set(directory, fd);
		}
		return Buffer.from(`/proc/self/fd/${fd}/${path.slice(end + 1)}`, 'latin1');
	}
}
