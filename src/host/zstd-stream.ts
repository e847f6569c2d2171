import {koffi} from './libc.ts';

interface Library {
	create(): unknown;
	free(stream: unknown): number;
	/** Works on the buffers and moves their positions on; returns 0 at the end of a frame, or an error. */
	decompress(stream: unknown, output: StreamBuffer, input: StreamBuffer): number | bigint;
	isError(code: number | bigint): number;
	errorName(code: number | bigint): string;
}

/** `ZSTD_inBuffer` and `ZSTD_outBuffer` (zstd.h). After a call `data` is a pointer, not the array that was given. */
interface StreamBuffer {
	data: unknown;
	size: number | bigint;
	pos: number | bigint;
}

const outputSize = 1 << 20;

/** Frames with a larger window are refused by the library itself (ZSTD_d_windowLogMax, 128 MiB): it takes no more memory than that. */
export class ZstdError extends Error {
	override readonly name = 'ZstdError';
}

/** True when the system has libzstd. */
export function hasZstdLibrary(): boolean {
	return loadLibrary() !== undefined;
}

/** The plain bytes of any number of frames; skippable ones are passed over. Throws ZstdError for damage, and when the input ends inside a frame. */
export async function* zstdDecompress(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	const library = loadLibrary();
	if (library === undefined) throw new Error('there is no libzstd');
	const stream = library.create();
	let isInside = false;
	try {
		for await (const chunk of input) {
			// A full output may leave more behind in the decoder, after the last byte of the chunk too.
			for (let at = 0, isFull = false; at < chunk.length || isFull;) {
				const bytes = Buffer.allocUnsafe(outputSize);
				const output = {data: bytes, size: bytes.length, pos: 0};
				const source = {data: chunk, size: chunk.length, pos: at};
				const left = library.decompress(stream, output, source);
				if (library.isError(left) !== 0) throw new ZstdError(library.errorName(left));
				const length = Number(output.pos);
				at = Number(source.pos);
				isInside = Number(left) !== 0;
				isFull = length === bytes.length && isInside;
				if (length > 0) yield bytes.subarray(0, length);
			}
		}
		if (isInside) throw new ZstdError('unexpected end of data');
	} finally {
		library.free(stream);
	}
}

let known: {readonly library: Library | undefined} | undefined;

function loadLibrary(): Library | undefined {
	known ??= {library: openLibrary()};
	return known.library;
}

function openLibrary(): Library | undefined {
	let zstd: ReturnType<ReturnType<typeof koffi>['load']>;
	try {
		zstd = koffi().load('libzstd.so.1');
	} catch {
		return undefined;
	}
	const buffer = koffi().inout(koffi().pointer(koffi().struct({data: 'void *', size: 'size_t', pos: 'size_t'})));
	return {
		create: zstd.func('ZSTD_createDStream', 'void *', []) as Library['create'],
		free: zstd.func('ZSTD_freeDStream', 'size_t', ['void *']) as Library['free'],
		decompress: zstd.func('ZSTD_decompressStream', 'size_t', ['void *', buffer, buffer]) as Library['decompress'],
		isError: zstd.func('ZSTD_isError', 'uint', ['size_t']) as Library['isError'],
		errorName: zstd.func('ZSTD_getErrorName', 'str', ['size_t']) as Library['errorName'],
	};
}
