import {createHash} from 'node:crypto';
import {closeSync, constants, openSync, readSync} from 'node:fs';
import {type Digest, sha256} from '../core/digest.ts';
import {type RawPath, textOf} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {sourceUnreadable} from '../diagnostics/context.ts';
import {errnoOf} from '../host/errno.ts';
import {nativePath} from './tree-reader.ts';

const buffer = Buffer.allocUnsafeSlow(1 << 20);

/** Digest of a regular file's bytes. Never follows a link in the last place and never waits on a FIFO. */
export function hashFile(root: string, path: RawPath): Digest {
	try {
		const fd = openSync(nativePath(root, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		try {
			return hashDescriptor(fd);
		} finally {
			closeSync(fd);
		}
	} catch (error) {
		throw new BuildError(sourceUnreadable(textOf(path), errnoOf(error)), {cause: error});
	}
}

function hashDescriptor(fd: number): Digest {
	let length = readSync(fd, buffer, 0, buffer.length, null);
	if (length < buffer.length) {
		// Almost every file ends here; a second read only proves the end.
		const rest = readSync(fd, buffer, length, buffer.length - length, null);
		if (rest === 0) return sha256(buffer.subarray(0, length));
		length += rest;
	}
	const hash = createHash('sha256');
	for (; length > 0; length = readSync(fd, buffer, 0, buffer.length, null)) hash.update(buffer.subarray(0, length));
	return `sha256:${hash.digest('hex')}` as Digest;
}
