import {readdirSync, readFileSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {BuildError} from '../diagnostics/build-error.ts';
import {exportIntoOther} from '../diagnostics/export.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';
import {unlessMissing} from '../host/errno.ts';
import {makeDirectories} from '../host/make-directories.ts';
import {writeOutput} from '../host/write-output.ts';
import {type Descriptor, refNameAnnotation} from '../oci/descriptor.ts';
import {parseIndex} from '../oci/index-document.ts';
import {layoutText, type Member, printIndex} from './image-members.ts';

/** Writes an image into a new, empty or existing OCI layout; there it takes its name from an image that has it. The index is written last. */
export async function writeLayout(directory: string, blobs: readonly Member[], entries: readonly Descriptor[]): Promise<void> {
	const before = existingEntries(directory);
	for (const {path, size, open} of blobs) {
		const file = `${directory}/${path}`;
		makeDirectories(dirname(file));
		if (statSync(file, {throwIfNoEntry: false})?.size !== size) await writeOutput(file, toAsync(open()));
	}
	writeFileAtomic(`${directory}/oci-layout`, layoutText, {sync: false});
	const names = new Set(entries.map(nameOf));
	const kept = before.filter((entry) => !names.has(nameOf(entry)));
	writeFileAtomic(`${directory}/index.json`, printIndex([...kept, ...entries]), {sync: false});
}

function nameOf(entry: Descriptor): string {
	return entry.annotations?.[refNameAnnotation] ?? entry.digest;
}

function existingEntries(directory: string): readonly Descriptor[] {
	const stats = statSync(directory, {throwIfNoEntry: false});
	if (stats === undefined) return [];
	if (!stats.isDirectory()) throw new BuildError(exportIntoOther(directory, 'a file, not a directory'));
	if (readdirSync(directory).length === 0) return [];
	const index = unlessMissing(() => readFileSync(`${directory}/index.json`));
	const hasLayout = statSync(`${directory}/oci-layout`, {throwIfNoEntry: false}) !== undefined;
	const parsed = index === undefined || !hasLayout ? undefined : parseIndex(index).value;
	if (parsed === undefined) throw new BuildError(exportIntoOther(directory, 'a directory that is neither empty nor an OCI layout'));
	return parsed.manifests;
}

async function* toAsync(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	yield* chunks;
}
