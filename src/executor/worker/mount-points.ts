import {mkdirSync, writeFileSync} from 'node:fs';
import {ancestorsOf, hostPath, type RawPath, rawOf, textOf} from '../../core/raw-path.ts';
import {stepMountTarget} from '../../diagnostics/mount.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {type FileStat, fileStat} from '../../host/file-stat.ts';
import {setTimes} from '../../host/file-calls.ts';
import {resolveInRoot} from '../../host/resolve-in-root.ts';
import type {NamespaceIds} from '../../isolation/id-map.ts';
import {entryOfFile} from '../../rootfs/entry-of-file.ts';
import {readXattrs} from '../../rootfs/layer-xattrs.ts';
import {setOtherAttributes} from '../../rootfs/set-attributes.ts';

export interface MountPointsOptions {
	/** An empty directory, which becomes the topmost lowerdir of the step. */
	readonly directory: string;
	/** What the step will see, the first that has a path counts. */
	readonly roots: readonly Root[];
	readonly ids: NamespaceIds;
}

/** A directory of the worker that shows a part of what a step sees. */
export interface Root {
	readonly path: string;
	/** False when the layers above may hide what is there. */
	readonly certain: boolean;
	/** Paths that it shows, with all below them; absent: everything. */
	readonly only?: readonly RawPath[];
}

/**
 * Mount points that the image lacks. They stand in a lowerdir above all layers, where no whiteout hides them, and never in the upperdir: the
 * kernel lets nobody rename or remove a mount point, so nothing of it gets into the layer. Directories of the image that they are in
 * appear there with the attributes they have, because the topmost directory's count.
 */
export class MountPoints {
	readonly #options: MountPointsOptions;
	readonly #made = new Set<RawPath>();
	readonly #times: {readonly path: RawPath; readonly mtime: number}[] = [];

	constructor(options: MountPointsOptions) {
		this.#options = options;
	}

	get isEmpty(): boolean {
		return this.#made.size === 0;
	}

	/** Where a target is, symlinks of the image followed inside its root. */
	resolve(target: string): RawPath {
		const found = resolveInRoot(rawOf(target), (path) => {
			const place = this.#find(path);
			if (place === undefined) return undefined;
			const entry = entryOfFile(path, place.at, place.stat, readXattrs(place.at), 0);
			return {type: place.stat.type, link: entry?.type === 'symlink' ? entry.link : undefined};
		});
		if (found === undefined) throw new BuildError(stepMountTarget(target, 'its symbolic links lead in a circle'));
		return found.path;
	}

	/** Sees to it that a resolved path can be mounted on. */
	make(path: RawPath, kind: 'file' | 'directory', target: string): void {
		const existing = this.#find(path, true);
		if (existing !== undefined) {
			if ((existing.stat.type === 'directory') === (kind === 'directory')) return;
			const what =
				kind === 'directory'
					? 'the mount is a directory, and the image has a file there'
					: 'the mount is a file, and the image has a directory there';
			throw new BuildError(stepMountTarget(target, what));
		}
		for (const directory of ancestorsOf(path)) this.#makeDirectory(directory, target);
		if (kind === 'directory') this.#makeDirectory(path, target);
		else if (!this.#made.has(path)) {
			writeFileSync(this.#at(path), '');
			this.#made.add(path);
		}
	}

	/** Sets the times of directories that the image has; to be called once, when all mount points are made. */
	finish(): void {
		for (const {path, mtime} of this.#times.toReversed()) setTimes(this.#at(path), mtime);
	}

	#makeDirectory(path: RawPath, target: string): void {
		if (this.#made.has(path)) return;
		const known = this.#find(path);
		if (known !== undefined && known.stat.type !== 'directory')
			throw new BuildError(stepMountTarget(target, `\`/${textOf(path)}\` is no directory`));
		mkdirSync(this.#at(path));
		this.#made.add(path);
		const entry = known === undefined ? undefined : entryOfFile(path, known.at, known.stat, readXattrs(known.at), known.stat.mtime);
		if (entry === undefined) return;
		setOtherAttributes(this.#at(path), entry, this.#options.ids);
		this.#times.push({path, mtime: entry.mtime});
	}

	#find(path: RawPath, certain = false): {readonly at: Buffer; readonly stat: FileStat} | undefined {
		for (const root of this.#options.roots) {
			if ((certain && !root.certain) || root.only?.some((top) => path === top || path.startsWith(`${top}/`)) === false) continue;
			const at = hostPath(root.path, path);
			const stat = fileStat(at);
			if (stat !== undefined) return {at, stat};
		}
		return undefined;
	}

	#at(path: RawPath): Buffer {
		return hostPath(this.#options.directory, path);
	}
}
