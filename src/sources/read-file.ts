import {createReadStream, statSync} from 'node:fs';
import {baseDamaged} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {baseError} from './base-error.ts';

/** The bytes of a regular file of a base; `name` is the base as people wrote it. */
export async function* readFile(path: string, name: string): AsyncGenerator<Uint8Array> {
	try {
		if (!statSync(path).isFile()) throw new BuildError(baseDamaged(name, 'it is not a regular file'));
		yield* createReadStream(path, {highWaterMark: 1 << 20}) as AsyncIterable<Buffer>;
	} catch (error) {
		throw baseError(error, name);
	}
}
