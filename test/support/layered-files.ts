import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import {type DiffId, sha256} from '../../src/core/digest.ts';
import {compareRaw, rawOf} from '../../src/core/raw-path.ts';
import type {SbomLayer} from '../../src/sbom/file-version.ts';
import type {Inventory} from '../../src/sbom/listed-package.ts';
import {takeInventory} from '../../src/sbom/take-inventory.ts';
import type {TarEntry} from '../../src/tar/entry.ts';
import {opaqueName, whiteoutEntry} from '../../src/tar/whiteout.ts';
import {topFolder} from './top.ts';

/** A file by its content, or what else a layer has at a path. */
export type LayerFile =
	| string
	| Buffer
	| {readonly program: Buffer}
	| {readonly symlink: string}
	| {readonly hardlink: string}
	| 'deleted'
	| 'directory'
	| 'opaque';

export type LayerContent = Readonly<Record<string, LayerFile>>;

/** Marks that are no content. */
export const deleted = 'deleted';

/** Layers as the search for packages sees them; `reads` gets every path that is read. */
export function layeredFiles(contents: readonly LayerContent[], reads: string[] = []): readonly SbomLayer[] {
	return contents.map((content, index): SbomLayer => {
		const bytes = new Map<string, Buffer>();
		const entries = Object.entries(content).map(([path, file]) => entryOf(path, file, bytes));
		for (const {path, type, link = ''} of entries) if (type === 'hardlink') bytes.set(path, bytes.get(link) ?? Buffer.alloc(0));
		return {
			diffId: sha256(`layer ${index}`) as string as DiffId,
			entries: entries.sort((one, other) => compareRaw(one.path, other.path)),
			read(path, offset, length) {
				reads.push(path);
				const found = bytes.get(path)?.subarray(offset, offset + length);
				if (found?.length !== length) throw new Error(`${path} has no ${length} bytes at ${offset}`);
				return found;
			},
		};
	});
}

function entryOf(path: string, file: LayerFile, bytes: Map<string, Buffer>): TarEntry {
	const entry = {path: rawOf(path), mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0} as const;
	if (file === 'deleted') return whiteoutEntry(entry.path);
	if (file === 'directory') return {...entry, type: 'directory', mode: 0o755};
	if (file === 'opaque') return {...entry, type: 'file', path: rawOf(path === '' ? opaqueName : `${path}/${opaqueName}`)};
	if (typeof file === 'object' && 'symlink' in file) return {...entry, type: 'symlink', link: file.symlink};
	if (typeof file === 'object' && 'hardlink' in file) return {...entry, type: 'hardlink', link: file.hardlink};
	const isProgram = typeof file === 'object' && 'program' in file;
	const content = isProgram ? file.program : Buffer.from(file);
	bytes.set(entry.path, content);
	return {...entry, type: 'file', size: content.length, mode: isProgram ? 0o755 : 0o644};
}

/** The packages of layers. */
export function inventoryOf(...contents: readonly LayerContent[]): Inventory {
	return takeInventory(layeredFiles(contents));
}

/** `NAME VERSION LAYER` of every package, as sorted. */
export function brief({packages}: Inventory): readonly string[] {
	return packages.map(({name, version = '-', layer}) => `${name} ${version} ${layer}`);
}

/** What is wrong, `KIND PATH LAYER TEXT`. */
export function problemsOf({problems}: Inventory): readonly string[] {
	return problems.map(({kind, path, layer, text}) => `${kind} ${path} ${layer} ${text}`);
}

/** A file of test/fixtures/sbom, unpacked. */
export function sbomFixture(name: string): Buffer {
	const bytes = readFileSync(join(topFolder(), 'test/fixtures/sbom', name));
	return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}
