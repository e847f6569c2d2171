import {closeSync, constants, openSync, readSync} from 'node:fs';
import type {DiffId} from '../../core/digest.ts';
import {type RawPath, textOf} from '../../core/raw-path.ts';
import {layerFileChanged} from '../../diagnostics/archive.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {storeLayerMissing} from '../../diagnostics/store-layer.ts';
import {TreePaths} from '../../host/tree-paths.ts';
import type {SbomLayer} from '../../sbom/file-version.ts';
import type {Inventory} from '../../sbom/listed-package.ts';
import {takeInventory} from '../../sbom/take-inventory.ts';
import type {Store} from '../../store/open-store.ts';

/** The packages of layers, bottom first, from their indexes and their directories; reads only what tells of packages. */
export function findPackages(store: Store, layers: readonly {readonly diffId: DiffId; readonly directory: string}[]): Inventory {
	const open: LayerFiles[] = [];
	const opened = function* (): Generator<SbomLayer> {
		for (const {diffId, directory} of layers) {
			const entries = store.layers.readIndex(diffId);
			if (entries === undefined) throw new BuildError(storeLayerMissing(diffId));
			const files = new LayerFiles(directory);
			open.push(files);
			yield {diffId, entries, read: (path, offset, length) => files.read(path, offset, length)};
		}
	};
	try {
		return takeInventory(opened());
	} finally {
		for (const files of open) files.close();
	}
}

/** Reads files of a layer directory; the last one stays open, as databases are read in many small parts. */
class LayerFiles {
	readonly #paths: TreePaths;
	#path: RawPath | undefined;
	#descriptor = -1;

	constructor(directory: string) {
		this.#paths = new TreePaths(directory);
	}

	/** Throws BuildError store/layer-file-changed when so many bytes are not there. */
	read(path: RawPath, offset: number, length: number): Uint8Array {
		const bytes = Buffer.allocUnsafe(length);
		let done = 0;
		try {
			if (path !== this.#path) this.#open(path);
			for (let got = -1; done < length && got !== 0; done += got)
				got = readSync(this.#descriptor, bytes, done, length - done, offset + done);
		} catch (error) {
			throw new BuildError(layerFileChanged(textOf(path), offset + length, undefined), {cause: error});
		}
		if (done < length) throw new BuildError(layerFileChanged(textOf(path), offset + length, offset + done));
		return bytes;
	}

	#open(path: RawPath): void {
		this.#close();
		this.#descriptor = openSync(this.#paths.at(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		this.#path = path;
	}

	#close(): void {
		if (this.#descriptor >= 0) closeSync(this.#descriptor);
		this.#descriptor = -1;
		this.#path = undefined;
	}

	close(): void {
		this.#close();
		this.#paths.close();
	}
}
