import {BuildError} from '../diagnostics/build-error.ts';
import {exportNeedsTree} from '../diagnostics/export.ts';
import {gzipBlocks} from '../host/gzip-blocks.ts';
import {writeOutput} from '../host/write-output.ts';
import {encodeEntry, endOfArchive, paddingOf} from '../tar/write-entry.ts';
import {exportError} from './export-error.ts';
import type {Exporter, MergedTree} from './exporter.ts';
import {treeContent} from './tree-content.ts';

/** `type=tar`: the image's file system as one tar. */
export const tar: Exporter = {
	needsTree: true,
	async export(_image, spec, context) {
		if (context.merged === undefined) throw new BuildError(exportNeedsTree('tar'));
		const plain = packTree(context.merged);
		try {
			await writeOutput(spec.destination, spec.compression === 'gzip' ? gzipBlocks(plain, spec.level) : plain);
		} catch (error) {
			throw exportError(error, spec.destination);
		}
		return {};
	},
};

/** The tar of a tree: same entries and contents, same bytes. */
async function* packTree(tree: MergedTree): AsyncGenerator<Uint8Array> {
	for (const entry of tree.entries()) {
		yield encodeEntry(entry);
		if (entry.type !== 'file' || entry.size === 0) continue;
		yield* treeContent(tree, entry);
		yield Buffer.alloc(paddingOf(entry.size));
	}
	yield endOfArchive;
}
