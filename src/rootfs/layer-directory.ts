import {chmodSync, constants, linkSync, mkdirSync, openSync, symlinkSync} from 'node:fs';
import type {RawPath} from '../core/raw-path.ts';
import {makeDevice, makeFifo, setTimes} from '../host/file-calls.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {listXattrs, removeXattr, setXattr} from '../host/xattr.ts';
import type {TarEntry} from '../tar/entry.ts';
import {markDeleted} from './deletion-mark.ts';
import type {IdMap} from './id-map.ts';
import type {LayerMedium} from './layer-medium.ts';
import {removeTree} from './remove-tree.ts';
import {setOtherAttributes} from './set-attributes.ts';

/** A layer as a directory in the format of an overlay upperdir. */
export class LayerDirectory implements LayerMedium {
	readonly mapped: IdMap;
	readonly #paths: TreePaths;

	/** The directory exists and is empty, or holds what an earlier builder made. */
	constructor(directory: string, mapped: IdMap) {
		this.mapped = mapped;
		this.#paths = new TreePaths(directory);
		// A set-group-id directory would hand its group down.
		chmodSync(directory, 0o755);
	}

	/** For system calls. */
	at(path: RawPath): Buffer {
		return this.#paths.at(path);
	}

	/** Makes a file of mode 0600 and opens it for its content; `setFileAttributes` comes after that. */
	createFile(path: RawPath): number {
		return openSync(this.at(path), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
	}

	makeDirectory(path: RawPath): void {
		mkdirSync(this.at(path), 0o700);
	}

	makeOther(entry: TarEntry): void {
		const at = this.at(entry.path);
		if (entry.type === 'symlink') symlinkSync(Buffer.from(entry.link ?? '', 'latin1'), at);
		else if (entry.type === 'fifo') makeFifo(at, 0o600);
		else if (!madeDevice(at, entry)) return;
		setOtherAttributes(at, entry, this.mapped);
	}

	makeLink(path: RawPath, target: RawPath): void {
		linkSync(this.at(target), this.at(path));
	}

	remove(path: RawPath): void {
		this.#paths.forget();
		removeTree(this.at(path));
	}

	markDeleted(path: RawPath): void {
		markDeleted(this.at(path));
	}

	markOpaque(path: RawPath): void {
		setXattr(this.at(path), 'user.overlay.opaque', 'y');
	}

	unmark(path: RawPath): void {
		for (const name of listXattrs(this.at(path))) if (name.startsWith('user.')) removeXattr(this.at(path), name);
	}

	/** Attributes of directories come last: their times change with their contents. */
	finish(index: readonly TarEntry[]): void {
		for (const entry of index) if (entry.type === 'directory') setOtherAttributes(this.at(entry.path), entry, this.mapped);
		setTimes(this.at('' as RawPath), 0);
	}

	close(): void {
		this.#paths.close();
	}
}

function madeDevice(at: Buffer, entry: TarEntry): boolean {
	try {
		makeDevice(at, entry.type === 'block' ? 'block' : 'char', entry.device ?? {major: 0, minor: 0});
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && (error.code === 'EPERM' || error.code === 'EINVAL')) return false;
		throw error;
	}
}
