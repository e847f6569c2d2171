import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import {BuildError} from '../../src/diagnostics/build-error.ts';

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
