import {chmodSync, closeSync, constants, linkSync, mkdirSync, openSync, symlinkSync, writeSync} from 'node:fs';
import {ancestorsOf, bytesOf, hostPath, type RawPath, textOf} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {contextArchiveRefused} from '../diagnostics/remote.ts';
import {decompress} from '../host/decompress.ts';
import {ArchiveFault} from '../tar/archive-fault.ts';
import type {TarEntry} from '../tar/entry.ts';
import {extractArchive} from '../tar/extract-archive.ts';
import type {EntrySink} from '../tar/read-entries.ts';

/**
 * Unpacks a tar of any compression into an empty directory as the files of whoever runs this. Nothing is ever written through a symlink:
 * what lies above an entry must be directories of the same archive. Throws BuildError context/archive-refused.
 */
export async function unpackContext(input: AsyncIterable<Uint8Array>, directory: string): Promise<void> {
	const tree = new ContextTree(directory);
	try {
		await extractArchive(decompress(input), (entry) => tree.take(entry));
		tree.finish();
	} catch (error) {
		if (!(error instanceof ArchiveFault)) throw error;
		const problem = error.kind === 'escape' ? 'leads above the root' : `is damaged or refused (${error.kind})`;
		throw new BuildError(contextArchiveRefused(problem, error.entry === undefined ? undefined : textOf(error.entry as RawPath)), {
			cause: error,
		});
	}
}

class ContextTree {
	readonly #root: string;
	readonly #types = new Map<RawPath, TarEntry['type']>();
	readonly #modes = new Map<RawPath, number>();

	constructor(root: string) {
		this.#root = root;
	}

	take(entry: TarEntry): EntrySink | undefined {
		const {path, type, mode, link = ''} = entry;
		if (path === '') return undefined;
		this.#makeParents(path);
		const there = this.#types.get(path);
		if (there !== undefined && !(there === 'directory' && type === 'directory')) throw refused(path, 'is there twice');
		const at = hostPath(this.#root, path);
		this.#types.set(path, type);
		if (type === 'directory') {
			if (there === undefined) mkdirSync(at, 0o700);
			this.#modes.set(path, mode);
		} else if (type === 'symlink') symlinkSync(bytesOf(link as RawPath), at);
		else if (type === 'hardlink') {
			if (this.#types.get(link as RawPath) !== 'file') throw refused(path, 'is a hard link to what is no file before it');
			linkSync(hostPath(this.#root, link as RawPath), at);
		} else if (type === 'file') return this.#file(path, at, mode);
		else throw refused(path, 'is a device or a pipe');
		return undefined;
	}

	/** Modes of directories come last: they could keep their files from being written. What the user must read stays readable. */
	finish(): void {
		for (const [path, mode] of this.#modes) chmodSync(hostPath(this.#root, path), mode | 0o700);
	}

	#file(path: RawPath, at: Buffer, mode: number): EntrySink {
		const fd = openSync(at, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
		return {
			data(chunk) {
				for (let done = 0; done < chunk.length;) done += writeSync(fd, chunk, done);
			},
			end: () => {
				closeSync(fd);
				this.#types.set(path, 'file');
				chmodSync(at, mode | 0o400);
			},
		};
	}

	#makeParents(path: RawPath): void {
		for (const directory of ancestorsOf(path)) {
			const type = this.#types.get(directory);
			if (type === undefined) {
				mkdirSync(hostPath(this.#root, directory), 0o700);
				this.#types.set(directory, 'directory');
				this.#modes.set(directory, 0o755);
			} else if (type !== 'directory') throw refused(path, `lies below \`${textOf(directory)}\`, which is no directory`);
		}
	}
}

function refused(path: RawPath, problem: string): BuildError {
	return new BuildError(contextArchiveRefused(problem, textOf(path)));
}
