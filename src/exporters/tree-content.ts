import {closeSync, constants, openSync, readSync} from 'node:fs';
import {hostPath, textOf} from '../core/raw-path.ts';
import {copySourceChanged} from '../diagnostics/archive.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {MergedTree} from './exporter.ts';

const chunkSize = 1 << 20;

/** The content of a file of the tree: exactly `entry.size` bytes or an error. Each chunk has its own memory. */
export function* treeContent(tree: MergedTree, entry: TarEntry): Generator<Buffer> {
	const path = tree.contentPath?.(entry.path) ?? hostPath(tree.root, entry.path);
	const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
	try {
		for (let left = entry.size; left > 0;) {
			const chunk = Buffer.allocUnsafe(Math.min(left, chunkSize));
			const length = readSync(fd, chunk, 0, chunk.length, null);
			if (length === 0) throw new BuildError(copySourceChanged(textOf(entry.path)));
			left -= length;
			yield chunk.subarray(0, length);
		}
	} finally {
		closeSync(fd);
	}
}
