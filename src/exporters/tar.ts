import {joinRaw, type RawPath, rawOf} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {exportNeedsTree} from '../diagnostics/export.ts';
import {compress} from '../host/compress.ts';
import {writeOutput} from '../host/write-output.ts';
import type {TarEntry} from '../tar/entry.ts';
import {encodeEntry, endOfArchive, paddingOf} from '../tar/write-entry.ts';
import {exportError} from './export-error.ts';
import type {ExportContext, Exporter, ExportSet, MergedTree} from './exporter.ts';
import {placesOf} from './tree-places.ts';
import {treeContent} from './tree-content.ts';

/** `type=tar`: the image's file system as one tar; those of several platforms each in a directory. */
export const tar: Exporter = {
	needsTree: true,
	async export(set, spec, context) {
		try {
			await writeOutput(spec.destination, compress(packTrees(set, context), spec.compression, spec.level));
		} catch (error) {
			throw exportError(error, spec.destination);
		}
		return {};
	},
};

/** The tar of trees: same entries and contents, same bytes. */
async function* packTrees(set: ExportSet, {merged, epoch}: ExportContext): AsyncGenerator<Uint8Array> {
	if (merged === undefined) throw new BuildError(exportNeedsTree('tar'));
	for (const {image, name} of placesOf(set)) {
		const directory = rawOf(name);
		if (directory !== '') yield encodeEntry({path: directory, type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: epoch});
		yield* packTree(merged(image), directory);
	}
	yield endOfArchive;
}

function* packTree(tree: MergedTree, directory: RawPath): Generator<Uint8Array> {
	for (const entry of tree.entries()) {
		yield encodeEntry(directory === '' ? entry : moved(entry, directory));
		if (entry.type !== 'file' || entry.size === 0) continue;
		yield* treeContent(tree, entry);
		yield Buffer.alloc(paddingOf(entry.size));
	}
}

function moved(entry: TarEntry, directory: RawPath): TarEntry {
	const link = entry.type === 'hardlink' && entry.link !== undefined ? {link: `${directory}/${entry.link}`} : {};
	return {...entry, path: joinRaw(directory, entry.path), ...link};
}
