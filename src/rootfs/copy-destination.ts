import {joinRaw, rawOf} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {TreeItem} from '../core/tree-entry.ts';
import {copyDestinationLoops, copyNeedsDirectory, copyOverOther, copyWhiteoutName} from '../diagnostics/archive.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {resolveInRoot} from '../host/resolve-in-root.ts';
import {whiteoutPrefix} from '../tar/whiteout.ts';
import type {Found} from '../host/resolve-in-root.ts';
import {textOf} from '../core/raw-path.ts';

export interface CopyItem {
	/** Host path of the tree that the item's entries are read from. */
	readonly root: string;
	readonly item: TreeItem;
}

export interface InlineFile {
	readonly name: string;
	readonly content: string;
}

export interface CopySources {
	readonly items: readonly CopyItem[];
	readonly files: readonly InlineFile[];
	/** Absolute; a trailing `/` says that it is a directory. */
	readonly destination: string;
	/** The instruction names several: the destination then has to be a directory by its text or in the image. */
	readonly several?: boolean;
}

export interface Destination {
	/** No symlink on its way. */
	readonly path: RawPath;
	readonly isDirectory: boolean;
	readonly visited: readonly RawPath[];
}

/** Where a copy goes (BuildKit's rules): symlinks are followed inside the root; a directory when the text, the number of sources or the image says so. */
export function findDestination(sources: CopySources, look: (path: RawPath) => Found | undefined): Destination {
	const resolved = resolveInRoot(rawOf(sources.destination), look);
	if (resolved === undefined) throw new BuildError(copyDestinationLoops(sources.destination));
	const existing = resolved.path === '' ? 'directory' : look(resolved.path)?.type;
	const isSaid = /\/\.{0,2}$/v.test(sources.destination);
	if (sources.several === true && !isSaid && existing !== 'directory') throw new BuildError(copyNeedsDirectory(sources.destination));
	const isDirectory = isSaid || sources.items.length + sources.files.length > 1 || existing === 'directory';
	return {...resolved, isDirectory};
}

/** The path that a file item or inline file of this name gets. */
export function landingOf(destination: Destination, name: RawPath): RawPath {
	return destination.isDirectory ? joinRaw(destination.path, name) : destination.path;
}

/** Throws BuildError when a directory would replace something else, or something else a directory. */
export function assertFits(path: RawPath, isDirectory: boolean, existing: string | undefined): void {
	if (existing === undefined || isDirectory === (existing === 'directory')) {
		return;
	}
	if (isDirectory || existing === 'directory')
		throw new BuildError(copyOverOther(`/${textOf(path)}`, isDirectory ? 'directory' : 'file', existing));
}

/** Throws BuildError for a path that would not be there but delete something, wherever the layer is unpacked. */
export function assertName(path: RawPath): void {
	if (path.includes(whiteoutPrefix) && path.split('/').some((name) => name.startsWith(whiteoutPrefix)))
		throw new BuildError(copyWhiteoutName(`/${textOf(path)}`));
}
