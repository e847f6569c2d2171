import {ancestorsOf, type RawPath} from '../core/raw-path.ts';
import type {TarEntry} from '../tar/entry.ts';
import {deletedBy, opaqueName, whiteoutPrefix} from '../tar/whiteout.ts';
import {type FileVersion, type FindEntry, type SbomLayer, versionOf, type VisibleFiles} from './file-version.ts';

/** What a layer takes away from the layers below it (OCI image-spec, layer.md#whiteouts). */
export class LayerChanges {
	readonly files: SbomLayer;
	readonly index: number;
	readonly #deleted = new Set<string>();
	/** What is no directory hides all that was below its path. */
	readonly #plain = new Set<string>();
	readonly #opaque = new Set<string>();
	/** The entries that add or replace something. */
	readonly additions: TarEntry[] = [];
	#byPath: ReadonlyMap<string, TarEntry> | undefined;

	constructor(files: SbomLayer, index: number) {
		this.files = files;
		this.index = index;
		for (const entry of files.entries) {
			const {path, type} = entry;
			const target = path.includes(whiteoutPrefix) ? deletedBy(path) : undefined;
			if (target !== undefined) this.#deleted.add(target);
			else if (path === opaqueName || path.endsWith(`/${opaqueName}`)) this.#opaque.add(path.slice(0, -opaqueName.length - 1));
			else {
				this.additions.push(entry);
				if (type !== 'directory') this.#plain.add(path);
			}
		}
	}

	/** The layer deletes it, or a directory above it. */
	hides(path: RawPath): boolean {
		if (this.#deleted.has(path) || this.#opaque.has('')) return true;
		return ancestorsOf(path).some((above) => this.#deleted.has(above) || this.#plain.has(above) || this.#opaque.has(above));
	}

	readonly find: FindEntry = (path) => {
		this.#byPath ??= new Map(this.files.entries.map((entry) => [entry.path, entry]));
		return this.#byPath.get(path);
	};
}

/** The versions of some files through the layers. */
export class FileHistory {
	/** By path, oldest first, since the path was last deleted. */
	readonly #versions = new Map<RawPath, FileVersion[]>();
	readonly #matches: (entry: TarEntry) => boolean;

	constructor(matches: (entry: TarEntry) => boolean) {
		this.#matches = matches;
	}

	/** Goes on to the next layer; returns the paths that it changes. */
	apply(changes: LayerChanges): ReadonlySet<RawPath> {
		const changed = new Set<RawPath>();
		for (const path of this.#versions.keys()) {
			if (!changes.hides(path)) continue;
			this.#versions.delete(path);
			changed.add(path);
		}
		for (const entry of changes.additions) {
			const {path} = entry;
			const version = this.#matches(entry) ? versionOf(entry, changes, changes.find) : undefined;
			if (version !== undefined) {
				const versions = this.#versions.get(path) ?? [];
				versions.push(version);
				this.#versions.set(path, versions);
			} else if (!this.#versions.delete(path)) continue;
			changed.add(path);
		}
		return changed;
	}

	/** What is visible now. */
	get visible(): VisibleFiles {
		const found = new Map<RawPath, FileVersion>();
		for (const [path, versions] of this.#versions) {
			const last = versions.at(-1);
			if (last !== undefined) found.set(path, last);
		}
		return found;
	}

	/** Every file that is visible now, with the versions that it had below, newest first. */
	*chains(): Generator<readonly FileVersion[]> {
		for (const versions of this.#versions.values()) yield versions.toReversed();
	}
}
