import {closeSync, constants, createReadStream, fstatSync, openSync} from 'node:fs';
import {baseDamaged, baseMalformed} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {readUpTo} from '../host/read-up-to.ts';
import {documentLimit} from '../oci/bounded-json.ts';
import {baseError} from './base-error.ts';

/** The bytes of a regular file of a base; `name` is the base as people wrote it. */
export async function* readFile(path: string, name: string): AsyncGenerator<Uint8Array> {
	try {
		yield* createReadStream(path, {fd: openFile(path, name), highWaterMark: 1 << 20}) as AsyncIterable<Buffer>;
	} catch (error) {
		throw baseError(error, name);
	}
}

/** A document of a base as a whole, unless it is larger than documents are. */
export function readDocument(path: string, name: string): Buffer {
	try {
		const fd = openFile(path, name);
		try {
			const bytes = readUpTo(fd, documentLimit + 1);
			if (bytes.length <= documentLimit) return bytes;
			throw new BuildError(baseMalformed(`the base \`${name}\``, `a document has more than ${documentLimit} bytes`));
		} finally {
			closeSync(fd);
		}
	} catch (error) {
		throw baseError(error, name);
	}
}

/** Whatever is at the path, opening does not wait for it. */
function openFile(path: string, name: string): number {
	const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	if (fstatSync(fd).isFile()) return fd;
	closeSync(fd);
	throw new BuildError(baseDamaged(name, 'it is not a regular file'));
}
