import zlib from 'node:zlib';
import {BuildError} from '../diagnostics/build-error.ts';
import {exportNoZstd} from '../diagnostics/export.ts';
import {inBlocks, inOrder} from './blocks.ts';
import {koffi} from './libc.ts';

const blockSize = 4 << 20;
/** Blocks that are compressed at once: the size of libuv's pool. It has no influence on the bytes. */
const concurrency = 4;

type CompressBlock = (block: Uint8Array, level: number) => Promise<Uint8Array>;

/**
 * Zstandard (RFC 8878) as one frame for every 4 MiB: frames joined are a valid stream, and same input, level and version of libzstd give the
 * same bytes with any number of threads. By libzstd of the system, or else Node.js (from 22.15 on). Throws export/no-zstd where neither is.
 */
export async function* zstdFrames(input: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Uint8Array> {
	compressBlock ??= openLibrary() ?? byNode();
	const compress = compressBlock;
	if (compress === undefined) throw new BuildError(exportNoZstd());
	let isEmpty = true;
	for await (const frame of inOrder(inBlocks(input, blockSize), (block) => compress(block, level), concurrency)) {
		isEmpty = false;
		yield frame;
	}
	if (isEmpty) yield compress(Buffer.alloc(0), level);
}

let compressBlock: CompressBlock | undefined;

/** libzstd's simple calls (zstd.h); the work is done in libuv's pool. */
function openLibrary(): CompressBlock | undefined {
	let library;
	try {
		library = koffi().load('libzstd.so.1');
	} catch {
		return undefined;
	}
	const bound = library.func('size_t ZSTD_compressBound(size_t size)') as (size: number) => number | bigint;
	const isError = library.func('uint32_t ZSTD_isError(size_t code)') as (code: number | bigint) => number;
	const compress = library.func('size_t ZSTD_compress(_Out_ uint8_t *to, size_t capacity, const uint8_t *from, size_t size, int level)');
	return (block, level) =>
		new Promise((resolve, reject) => {
			const target = Buffer.allocUnsafe(Number(bound(block.length)));
			compress.async(target, target.length, block, block.length, level, (error: unknown, result: number | bigint) => {
				if (error) reject(error as Error);
				else if (isError(result) !== 0) reject(new Error(`ZSTD_compress ended with ${result}`));
				else resolve(target.subarray(0, Number(result)));
			});
		});
}

interface NodeZstd {
	zstdCompress(
		block: Uint8Array,
		options: {readonly params: Readonly<Record<number, number>>},
		done: (error: Error | null, result: Buffer) => void,
	): void;
	readonly constants: {readonly ZSTD_c_compressionLevel: number};
}

function byNode(): CompressBlock | undefined {
	const given: unknown = zlib;
	if (!hasZstd(given)) return undefined;
	const level = given.constants.ZSTD_c_compressionLevel;
	return (block, value) =>
		new Promise((resolve, reject) => {
			given.zstdCompress(block, {params: {[level]: value}}, (error, result) => (error ? reject(error) : resolve(result)));
		});
}

function hasZstd(module: unknown): module is NodeZstd {
	return typeof module === 'object' && module !== null && 'zstdCompress' in module;
}
