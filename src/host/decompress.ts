import {PassThrough, Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGunzip, type Gunzip} from 'node:zlib';
import {BuildError} from '../diagnostics/build-error.ts';
import {baseCompressionDamaged, baseMissingProgram} from '../diagnostics/base.ts';
import {errnoOf} from './errno.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

const magics: readonly (readonly [Compression, readonly number[]])[] = [
	['gzip', [0x1f, 0x8b]],
	['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
	// A skippable frame (RFC 8878, 3.1.2); the lowest four bits of its magic number are free.
	...Array.from({length: 16}, (_, low): readonly [Compression, readonly number[]] => ['zstd', [0x50 + low, 0x2a, 0x4d, 0x18]]),
	['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
	['bzip2', [0x42, 0x5a, 0x68]],
];

/** How bytes that start like this are compressed. */
export function detectCompression(head: Uint8Array): Compression {
	return magics.find(([, magic]) => magic.every((byte, at) => head[at] === byte))?.[0] ?? 'none';
}

/** The plain bytes of gzip (several members too), zstd, xz, bzip2 or plain input, told by its first bytes. Throws BuildError for damage. */
export async function* decompress(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	const {head, rest} = await peek(input, 6);
	const format = detectCompression(head);
	if (format === 'none') yield* rest;
	else if (format === 'gzip') yield* through(rest, createGunzip({chunkSize: 256 * 1024}), format);
	else if (format === 'zstd') yield* fromZstd(rest);
	else yield* throughProgram(rest, format);
}

/** The library reads any sequence of frames; where it is missing, Node.js itself may do, else the program. */
async function* fromZstd(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	const {hasZstdLibrary, zstdDecompress, ZstdError} = await import('./zstd-stream.ts');
	if (!hasZstdLibrary()) {
		const {default: zlib} = await import('node:zlib');
		if (hasZstd(zlib)) yield* through(input, zlib.createZstdDecompress({chunkSize: 256 * 1024}), 'zstd');
		else yield* throughProgram(input, 'zstd');
		return;
	}
	try {
		yield* zstdDecompress(input);
	} catch (error) {
		throw error instanceof ZstdError ? new BuildError(baseCompressionDamaged('zstd', error.message), {cause: error}) : error;
	}
}

/** The first bytes (fewer when the input is shorter) and the whole input again. */
export async function peek(
	input: AsyncIterable<Uint8Array>,
	length: number,
): Promise<{readonly head: Buffer; readonly rest: AsyncGenerator<Uint8Array>}> {
	const iterator = input[Symbol.asyncIterator]();
	const taken: Uint8Array[] = [];
	let size = 0;
	while (size < length) {
		const next = await iterator.next();
		if (next.done === true) break;
		// The producer may use its buffer again.
		taken.push(Buffer.from(next.value));
		size += next.value.length;
	}
	async function* rest(): AsyncGenerator<Uint8Array> {
		try {
			yield* taken;
			for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
		} finally {
			await iterator.return?.();
		}
	}
	return {head: Buffer.concat(taken), rest: rest()};
}

interface ZstdModule {
	createZstdDecompress(options: {readonly chunkSize: number}): Gunzip;
}

/** Node.js has it from 22.15 on. */
function hasZstd(module: unknown): module is ZstdModule {
	return typeof module === 'object' && module !== null && 'createZstdDecompress' in module;
}

async function* through(input: AsyncIterable<Uint8Array>, transform: Gunzip, format: Compression): AsyncGenerator<Uint8Array> {
	// An error of the input is the input's own; an error of the transform is damage.
	let inputError: unknown;
	const feeding = pipeline(
		noting(input, (error) => (inputError = error)),
		transform,
	).catch((error: unknown) => transform.destroy(error as Error));
	try {
		yield* transform as AsyncIterable<Buffer>;
	} catch (error) {
		throw (
			inputError ?? new BuildError(baseCompressionDamaged(format, error instanceof Error ? error.message : String(error)), {cause: error})
		);
	} finally {
		transform.destroy();
		await feeding;
	}
}

async function* throughProgram(input: AsyncIterable<Uint8Array>, format: Exclude<Compression, 'none'>): AsyncGenerator<Uint8Array> {
	const {execa} = await import('execa');
	let inputError: unknown;
	const source = Readable.from(
		noting(input, (error) => (inputError = error)),
		{objectMode: false},
	);
	const program = execa(format, ['-dc'], {
		stdin: 'pipe',
		stdout: 'pipe',
		stderr: 'pipe',
		buffer: {stdout: false},
		encoding: 'buffer',
		reject: false,
	});
	const output = program.stdout.pipe(new PassThrough({highWaterMark: 1 << 20}));
	// A program that has enough (or has died) closes its input: its exit code tells.
	const feeding = pipeline(source, program.stdin).catch(() => undefined);
	let ended = false;
	try {
		yield* output as AsyncIterable<Buffer>;
		const result = await program;
		ended = true;
		await feeding;
		if (inputError !== undefined) throw inputError;
		if (!result.failed) return;
		if (errnoOf(result.cause) === 'ENOENT') throw new BuildError(baseMissingProgram(format, format));
		const said = Buffer.from(result.stderr ?? [])
			.toString('utf8')
			.trim()
			.slice(0, 500);
		throw new BuildError(baseCompressionDamaged(format, said === '' ? `\`${format}\` ended with exit code ${result.exitCode}` : said));
	} finally {
		if (!ended) program.kill('SIGKILL');
	}
}

/** Notes an error of the input, not one that the reader throws into it when it goes away. */
async function* noting(input: AsyncIterable<Uint8Array>, note: (error: unknown) => void): AsyncGenerator<Uint8Array> {
	const iterator = input[Symbol.asyncIterator]();
	const next = (): Promise<IteratorResult<Uint8Array>> =>
		iterator.next().catch((error: unknown) => {
			note(error);
			throw error;
		});
	try {
		for (let chunk = await next(); chunk.done !== true; chunk = await next()) yield chunk.value;
	} finally {
		await iterator.return?.();
	}
}
