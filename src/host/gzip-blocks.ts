import {promisify} from 'node:util';
import zlib from 'node:zlib';
import {inBlocks, inOrder} from './blocks.ts';

const deflateRaw = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.deflateRaw);
const blockSize = 1 << 20;
const windowSize = 1 << 15;
/** Blocks that are compressed at once: the size of libuv's pool. It has no influence on the bytes. */
const concurrency = 4;

/**
 * One gzip member (RFC 1952). Each 1 MiB is compressed on its own, with the 32 KiB before it as dictionary, and ends on a byte boundary
 * (Z_SYNC_FLUSH): so the blocks joined are one deflate stream, and same input and level give the same bytes with any number of threads.
 */
export async function* gzipBlocks(input: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
	// No time, no name, unknown system: nothing that differs from run to run.
	yield Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, level === 9 ? 2 : level === 1 ? 4 : 0, 255);
	let before: Buffer = Buffer.alloc(0);
	let checksum = 0;
	let size = 0;
	const compress = (block: Buffer): Promise<Buffer> => {
		checksum = zlib.crc32(block, checksum);
		size += block.length;
		const dictionary = before.length > 0 ? {dictionary: before} : {};
		before = block.subarray(Math.max(0, block.length - windowSize));
		return deflateRaw(block, {level, memLevel: 8, windowBits: 15, finishFlush: zlib.constants.Z_SYNC_FLUSH, ...dictionary});
	};
	yield* inOrder(inBlocks(input, blockSize), compress, concurrency);
	// An empty final block (fixed Huffman codes), then CRC-32 and size modulo 2^32.
	const tail = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
	tail.writeUInt32LE(checksum, 2);
	tail.writeUInt32LE(size % 2 ** 32, 6);
	yield tail;
}
