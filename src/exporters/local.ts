import {BuildError} from '../diagnostics/build-error.ts';
import {exportIntoOther, exportNeedsTree, exportThroughLink} from '../diagnostics/export.ts';
import {lstatSync, mkdirSync, statSync} from 'node:fs';
import {makeDirectories} from '../host/make-directories.ts';
import {exportError} from './export-error.ts';
import type {Exporter, MergedTree} from './exporter.ts';
import {LocalWriter} from './local-writer.ts';
import {placesOf} from './tree-places.ts';

/** `type=local`: the image's file system merged into a directory; owners are the user's own, devices are left out. */
export const local: Exporter = {
	needsTree: true,
	async export(set, spec, context) {
		const {merged, signal} = context;
		if (merged === undefined) throw new BuildError(exportNeedsTree('local'));
		const {destination} = spec;
		try {
			const found = statSync(destination, {throwIfNoEntry: false});
			if (found !== undefined && !found.isDirectory()) throw new BuildError(exportIntoOther(destination, 'a file, not a directory'));
			makeDirectories(destination);
			for (const {image, name} of placesOf(set)) {
				if (name !== '') makeDirectory(destination, name);
				await writeTree(merged(image), name === '' ? destination : `${destination}/${name}`, signal);
			}
		} catch (error) {
			throw exportError(error, destination);
		}
		return {};
	},
};

/** A link that stands there is not followed. */
function makeDirectory(destination: string, name: string): void {
	const found = lstatSync(`${destination}/${name}`, {throwIfNoEntry: false});
	if (found === undefined) mkdirSync(`${destination}/${name}`);
	else if (!found.isDirectory()) throw new BuildError(exportThroughLink(destination, name));
}

async function writeTree(tree: MergedTree, directory: string, signal: AbortSignal | undefined): Promise<void> {
	const writer = new LocalWriter(tree, directory);
	for (const entry of tree.entries()) {
		signal?.throwIfAborted();
		await writer.write(entry);
	}
	writer.finish();
}
