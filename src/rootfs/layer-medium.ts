import type {RawPath} from '../core/raw-path.ts';
import type {TarEntry} from '../tar/entry.ts';

/** What a layer is built on (see LayerBuilder, which says what is where). Contents of files come to it by another way. */
export interface LayerMedium {
	makeDirectory(path: RawPath): void;
	/** Makes a symlink, fifo or device with its attributes; a device that the kernel refuses is in the index only. */
	makeOther(entry: TarEntry): void;
	/** Gives what is at `target` a further name. */
	makeLink(path: RawPath, target: RawPath): void;
	remove(path: RawPath): void;
	/** Says that what is below at this path is deleted. */
	markDeleted(path: RawPath): void;
	/** Says that what is below in this directory is deleted. */
	markOpaque(path: RawPath): void;
	/** Takes the marks of an earlier builder off a directory. */
	unmark(path: RawPath): void;
	/** Called once, with all that the layer holds. */
	finish(index: readonly TarEntry[]): void;
	close(): void;
}

/** Holds nothing: a layer that becomes a tar is known by its index and by where the contents of its files are. */
export const noMedium: LayerMedium = {
	makeDirectory() {},
	makeOther() {},
	makeLink() {},
	remove() {},
	markDeleted() {},
	markOpaque() {},
	unmark() {},
	finish() {},
	close() {},
};
