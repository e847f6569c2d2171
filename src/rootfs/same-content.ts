import {closeSync, constants, openSync, readSync} from 'node:fs';

const pieceSize = 1 << 18;
const left = Buffer.allocUnsafeSlow(pieceSize);
const right = Buffer.allocUnsafeSlow(pieceSize);

/** Compares two regular files byte by byte. */
export function sameContent(a: Buffer, b: Buffer): boolean {
	const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
	const first = openSync(a, flags);
	try {
		const second = openSync(b, flags);
		try {
			for (;;) {
				const got = fill(first, left);
				if (got !== fill(second, right) || left.compare(right, 0, got, 0, got) !== 0) return false;
				if (got < pieceSize) return true;
			}
		} finally {
			closeSync(second);
		}
	} finally {
		closeSync(first);
	}
}

function fill(fd: number, buffer: Buffer): number {
	let length = 0;
	while (length < buffer.length) {
		const got = readSync(fd, buffer, length, buffer.length - length, null);
		if (got === 0) break;
		length += got;
	}
	return length;
}
