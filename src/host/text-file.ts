import {readFileSync, statSync} from 'node:fs';
import {errnoOf} from './errno.ts';

/** Bytes of a text at most. */
export const textLimit = 4 * 1024 * 1024;

/** What a file is instead of a text. */
export type NoText = {readonly errno: string} | 'not-text';

/** A text of at most 4 MiB; `0` is standard input. */
export function readTextFile(file: string | 0): {readonly text: string} | NoText {
	let bytes: Buffer;
	try {
		if (file !== 0 && statSync(file).size > textLimit) return 'not-text';
		bytes = readFileSync(file);
	} catch (error) {
		return {errno: errnoOf(error)};
	}
	const text = decodeText(bytes);
	return text === undefined ? 'not-text' : {text};
}

/** UTF-8 without NUL characters, at most 4 MiB; undefined for anything else. */
export function decodeText(bytes: Uint8Array): string | undefined {
	if (bytes.length > textLimit || bytes.includes(0)) return undefined;
	try {
		return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
	} catch {
		return undefined;
	}
}
