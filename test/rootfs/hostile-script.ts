// Extracts every hostile archive as root of a namespace; prints what came of each as JSON.
import {mkdirSync, mkdtempSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {applyLayer} from '../../src/rootfs/apply-layer.ts';
import {everyId} from '../support/every-id.ts';
import {diffIdOf} from '../../src/rootfs/layer-chunks.ts';
import {removeTree} from '../../src/rootfs/remove-tree.ts';
import {makeTar, pieces} from '../support/make-tar.ts';
import {treeListing} from '../support/tree-listing.ts';
import {hostileArchives} from './hostile-archives.ts';
import type {HostileArchive} from './hostile-archives.ts';

async function attempt(archive: HostileArchive): Promise<unknown> {
	const work = mkdtempSync(join(tmpdir(), 'boxbuild-hostile-'));
	try {
		const outside = join(work, 'outside');
		for (const name of ['outside', 'layer', 'lower']) mkdirSync(join(work, name));
		writeFileSync(join(outside, 'victim'), 'untouched', {mode: 0o600});
		for (const line of archive.lower?.(outside) ?? []) {
			const [path = '', target] = line.split(' -> ');
			if (target !== undefined) symlinkSync(target, join(work, 'lower', path));
			else if (path.endsWith('/')) mkdirSync(join(work, 'lower', path));
			else writeFileSync(join(work, 'lower', path), 'below');
		}
		const before = treeListing(work).filter((line) => !line.includes('"path":"layer'));
		const result = await extract(archive, work, outside);
		const after = treeListing(work).filter((line) => !line.includes('"path":"layer'));
		return {...result, isUntouched: before.join('\n') === after.join('\n'), prefix: outside.slice(1)};
	} finally {
		removeTree(work);
	}
}

async function extract(archive: HostileArchive, work: string, outside: string): Promise<object> {
	try {
		const lower = archive.lower === undefined ? null : join(work, 'lower');
		const index = await applyLayer(pieces(makeTar(archive.members(outside)), 700), join(work, 'layer'), {lower, mapped: everyId});
		diffIdOf(join(work, 'layer'), index);
		return {paths: index.map((entry) => entry.path)};
	} catch (error) {
		if (!(error instanceof BuildError)) return {crashed: String(error)};
		return {refused: error.diagnostics[0]?.data?.['kind']};
	}
}

const results: unknown[] = [];
for (const archive of hostileArchives) results.push(await attempt(archive));
process.stdout.write(JSON.stringify(results));
