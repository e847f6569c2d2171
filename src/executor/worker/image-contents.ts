import {hostPath, type RawPath} from '../../core/raw-path.ts';
import {treeContent} from '../../exporters/tree-content.ts';
import {errnoOf} from '../../host/errno.ts';
import {writeOutput} from '../../host/write-output.ts';
import {sameContent} from '../../rootfs/same-content.ts';
import type {TarEntry} from '../../tar/entry.ts';
import type {Stack} from './protocol.ts';
import type {Session} from './session.ts';

/** Writes a file of a stack to standard output; a reader that goes away has had what it wanted. */
export async function printFile({layers}: Session, {stack, entry}: {readonly stack: Stack; readonly entry: TarEntry}): Promise<void> {
	const view = await layers.view(await layers.lowers(stack));
	try {
		const root = view?.path ?? '';
		await writeOutput('-', toAsync(treeContent({root, entries: () => []}, entry)));
	} catch (error) {
		if (errnoOf(error) !== 'EPIPE') throw error;
	} finally {
		await view?.close();
	}
}

/** The paths whose contents differ. */
export async function compareFiles(
	{layers}: Session,
	{one, other, paths}: {readonly one: Stack; readonly other: Stack; readonly paths: readonly RawPath[]},
): Promise<RawPath[]> {
	const left = await layers.view(await layers.lowers(one));
	try {
		const right = await layers.view(await layers.lowers(other));
		try {
			return paths.filter((path) => !sameContent(hostPath(left?.path ?? '', path), hostPath(right?.path ?? '', path)));
		} finally {
			await right?.close();
		}
	} finally {
		await left?.close();
	}
}

async function* toAsync(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	yield* chunks;
}
