import {BuildError} from '../diagnostics/build-error.ts';
import {exportIntoOther, exportNeedsTree} from '../diagnostics/export.ts';
import {mkdirSync, statSync} from 'node:fs';
import {exportError} from './export-error.ts';
import type {Exporter} from './exporter.ts';
import {LocalWriter} from './local-writer.ts';

/** `type=local`: the image's file system merged into a directory; owners are the user's own, devices are left out. */
export const local: Exporter = {
	needsTree: true,
	async export(_image, spec, context) {
		const {merged, signal} = context;
		if (merged === undefined) throw new BuildError(exportNeedsTree('local'));
		const {destination} = spec;
		try {
			const found = statSync(destination, {throwIfNoEntry: false});
			if (found !== undefined && !found.isDirectory()) throw new BuildError(exportIntoOther(destination, 'a file, not a directory'));
			mkdirSync(destination, {recursive: true});
			const writer = new LocalWriter(merged, destination);
			for (const entry of merged.entries()) {
				signal?.throwIfAborted();
				await writer.write(entry);
			}
			writer.finish();
		} catch (error) {
			throw exportError(error, destination);
		}
		return {};
	},
};
