import {randomBytes} from 'node:crypto';
import {
	chmodSync,
	closeSync,
	fchmodSync,
	futimesSync,
	linkSync,
	lstatSync,
	lutimesSync,
	mkdirSync,
	openSync,
	renameSync,
	rmSync,
	symlinkSync,
} from 'node:fs';
import {hostPath, parentOf, type RawPath, textOf} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {exportIntoOther, exportThroughLink} from '../diagnostics/export.ts';
import {writeFully} from '../host/atomic-file.ts';
import {errnoOf} from '../host/errno.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {MergedTree} from './exporter.ts';
import {treeContent} from './tree-content.ts';

/**
 * Puts entries below a directory without ever following a symlink that stands there: every directory is checked before something is made
 * in it, everything else is made beside its place and renamed onto it.
 */
export class LocalWriter {
	readonly #tree: MergedTree;
	readonly #root: string;
	/** Directories below the root that are known to be real, with what they get at the end. */
	readonly #directories = new Map<RawPath, TarEntry>();
	readonly #mark = randomBytes(6).toString('hex');
	#temporaries = 0;

	constructor(tree: MergedTree, root: string) {
		this.#tree = tree;
		this.#root = root;
	}

	async write(entry: TarEntry): Promise<void> {
		const parent = parentOf(entry.path);
		if (parent !== undefined && parent !== '' && !this.#directories.has(parent)) throw new TypeError(`no directory before ${entry.path}`);
		if (entry.type === 'directory') this.#makeDirectory(entry);
		else if (entry.type === 'fifo') {
			const {makeFifo} = await import('../host/file-calls.ts');
			this.#place(entry, (temporary) => makeFifo(temporary, entry.mode));
		} else if (entry.type === 'file') this.#place(entry, (temporary) => this.#writeFile(entry, temporary));
		else if (entry.type === 'symlink') this.#place(entry, (temporary) => symlinkSync(Buffer.from(entry.link ?? '', 'latin1'), temporary));
		else if (entry.type === 'hardlink')
			this.#place(entry, (temporary) => linkSync(hostPath(this.#root, (entry.link ?? '') as RawPath), temporary));
	}

	/** Modes and times of directories, innermost first: until now they could be written. */
	finish(): void {
		for (const [path, entry] of [...this.#directories].toReversed()) {
			const target = hostPath(this.#root, path);
			chmodSync(target, entry.mode);
			lutimesSync(target, entry.mtime, entry.mtime);
		}
	}

	#makeDirectory(entry: TarEntry): void {
		const target = hostPath(this.#root, entry.path);
		const found = lstatSync(target, {throwIfNoEntry: false});
		if (found === undefined) mkdirSync(target, 0o700);
		else if (!found.isDirectory()) throw new BuildError(exportThroughLink(this.#root, textOf(entry.path)));
		else if ((found.mode & 0o700) !== 0o700) chmodSync(target, 0o700);
		this.#directories.set(entry.path, entry);
	}

	#place(entry: TarEntry, make: (temporary: Buffer) => void): void {
		const directory = hostPath(this.#root, parentOf(entry.path) ?? ('' as RawPath));
		const temporary = Buffer.concat([directory, Buffer.from(`/.tmp-${this.#mark}-${this.#temporaries++}`)]);
		try {
			make(temporary);
			if (entry.type === 'symlink' || entry.type === 'fifo') lutimesSync(temporary, entry.mtime, entry.mtime);
			renameSync(temporary, hostPath(this.#root, entry.path));
		} catch (error) {
			const code = errnoOf(error);
			if (code !== 'EISDIR' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
			throw new BuildError(exportIntoOther(`${this.#root}/${textOf(entry.path)}`, 'a directory, the result has a file there'), {
				cause: error,
			});
		} finally {
			// rename(2) of two links of one inode does nothing and leaves the first: it goes in any case.
			rmSync(temporary, {force: true});
		}
	}

	#writeFile(entry: TarEntry, temporary: Buffer): void {
		const fd = openSync(temporary, 'wx', 0o600);
		try {
			for (const chunk of treeContent(this.#tree, entry)) writeFully(fd, chunk);
			fchmodSync(fd, entry.mode);
			futimesSync(fd, entry.mtime, entry.mtime);
		} finally {
			closeSync(fd);
		}
	}
}
