import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import {type DiffId, sha256} from '../../src/core/digest.ts';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import type {Store} from '../../src/store/open-store.ts';

/** A directory that goes when the test ends. */
export function scratch(t: ExecutionContext): string {
	const directory = mkdtempSync(join(tmpdir(), 'boxbuild-test-'));
	t.teardown(() => rmSync(directory, {recursive: true, force: true}));
	return directory;
}

/** The code of the first diagnostic that the work throws. */
export async function codeOf(work: () => unknown): Promise<string | undefined> {
	try {
		await work();
	} catch (error) {
		if (error instanceof BuildError) return error.diagnostics[0]?.code;
		throw error;
	}
	return undefined;
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const found: Uint8Array[] = [];
	for await (const chunk of chunks) found.push(Buffer.from(chunk));
	return Buffer.concat(found);
}

export async function* streamOf(...chunks: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
	for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

export function diffIdOf(text: string): DiffId {
	return sha256(text) as string as DiffId;
}

/** A directory with one file, for a layer of a store. */
export function makeDirectory(store: Pick<Store, 'directory'>, name: string): string {
	const directory = `${store.directory}/run/${name}`;
	mkdirSync(directory, {recursive: true});
	writeFileSync(`${directory}/file`, name);
	return directory;
}
