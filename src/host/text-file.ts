import {readFileSync} from 'node:fs';
import {errnoOf} from './errno.ts';

const sizeLimit = 4 * 1024 * 1024;

/** What a file is instead of a text. */
export type NoText = {readonly errno: string} | 'not-text';

/** A text of at most 4 MiB; `0` is standard input. */
export function readTextFile(file: string | 0): {readonly text: string} | NoText {
	let bytes: Buffer;
	try {
		bytes = readFileSync(file);
	} catch (error) {
		return {errno: errnoOf(error)};
	}
	if (bytes.length > sizeLimit || bytes.includes(0)) return 'not-text';
	try {
		return {text: new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)};
	} catch {
		return 'not-text';
	}
}
