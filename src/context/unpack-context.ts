import {chmodSync, closeSync, constants, linkSync, lutimesSync, mkdirSync, openSync, symlinkSync, writeSync} from 'node:fs';
import {ancestorsOf, bytesOf, hostPath, type RawPath, textOf} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {contextArchiveRefused} from '../diagnostics/remote.ts';
import {decompress} from '../host/decompress.ts';
import {ArchiveFault} from '../tar/archive-fault.ts';
import type {TarEntry} from '../tar/entry.ts';
import {extractArchive} from '../tar/extract-archive.ts';
import type {EntrySink} from '../tar/read-entries.ts';

/**
 * Unpacks a tar of any compression into an empty directory as the files of whoever runs this, with the times of the archive. Nothing is ever written through a symlink:
 * what lies above an entry must be directories of the same archive. Throws BuildError context/archive-refused; `origin` is what it calls the
 * archive.
 */
export async function unpackContext(input: AsyncIterable<Uint8Array>, directory: string, origin: string): Promise<void> {
	const tree = new ContextTree(directory, origin);
	try {
		await extractArchive(decompress(input), (entry) => tree.take(entry));
		tree.finish();
	} catch (error) {
		if (!(error instanceof ArchiveFault)) throw error;
		const problem = error.kind === 'escape' ? 'leads above the root' : `is damaged or refused (${error.kind})`;
		const entry = error.entry === undefined ? undefined : textOf(error.entry as RawPath);
		throw new BuildError(contextArchiveRefused(origin, problem, entry), {cause: error});
	}
}

type Attributes = Pick<TarEntry, 'mode' | 'mtime'>;

/** What a directory has that the archive does not describe. */
const impliedDirectory: Attributes = {mode: 0o755, mtime: 0};

class ContextTree {
	readonly #root: string;
	readonly #origin: string;
	readonly #types = new Map<RawPath, TarEntry['type']>();
	readonly #directories = new Map<RawPath, Attributes>([['' as RawPath, impliedDirectory]]);

	constructor(root: string, origin: string) {
		this.#root = root;
		this.#origin = origin;
	}

	take(entry: TarEntry): EntrySink | undefined {
		const {path, type, mtime, link = ''} = entry;
		if (path === '') {
			this.#directories.set(path, {...impliedDirectory, mtime});
			return undefined;
		}
		this.#makeParents(path);
		const there = this.#types.get(path);
		if (there !== undefined && !(there === 'directory' && type === 'directory')) throw this.#refused(path, 'is there twice');
		const at = hostPath(this.#root, path);
		this.#types.set(path, type);
		if (type === 'directory') {
			if (there === undefined) mkdirSync(at, 0o700);
			this.#directories.set(path, entry);
		} else if (type === 'symlink') {
			symlinkSync(bytesOf(link as RawPath), at);
			setTime(at, mtime);
		} else if (type === 'hardlink') {
			if (this.#types.get(link as RawPath) !== 'file') throw this.#refused(path, 'is a hard link to what is no file before it');
			linkSync(hostPath(this.#root, link as RawPath), at);
		} else if (type === 'file') return this.#file(path, at, entry);
		else throw this.#refused(path, 'is a device or a pipe');
		return undefined;
	}

	/** Modes and times of directories come last: their files could not be written, or change them. What the user must read stays readable. */
	finish(): void {
		for (const [path, {mode, mtime}] of this.#directories) {
			const at = hostPath(this.#root, path);
			chmodSync(at, mode | 0o700);
			setTime(at, mtime);
		}
	}

	#file(path: RawPath, at: Buffer, {mode, mtime}: Attributes): EntrySink {
		const fd = openSync(at, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
		return {
			data(chunk) {
				for (let done = 0; done < chunk.length;) done += writeSync(fd, chunk, done);
			},
			end: () => {
				closeSync(fd);
				this.#types.set(path, 'file');
				chmodSync(at, mode | 0o400);
				setTime(at, mtime);
			},
		};
	}

	#makeParents(path: RawPath): void {
		for (const directory of ancestorsOf(path)) {
			const type = this.#types.get(directory);
			if (type === undefined) {
				mkdirSync(hostPath(this.#root, directory), 0o700);
				this.#types.set(directory, 'directory');
				this.#directories.set(directory, impliedDirectory);
			} else if (type !== 'directory') throw this.#refused(path, `lies below \`${textOf(directory)}\`, which is no directory`);
		}
	}

	#refused(path: RawPath, problem: string): BuildError {
		return new BuildError(contextArchiveRefused(this.#origin, problem, textOf(path)));
	}
}

/** Seconds since 1970; a time before that would become the present one (Node's lutimes). */
function setTime(at: Buffer, mtime: number): void {
	lutimesSync(at, Math.max(0, mtime), Math.max(0, mtime));
}
