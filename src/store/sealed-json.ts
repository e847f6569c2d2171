import {readFileSync} from 'node:fs';
import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {hexOf, sha256} from '../core/digest.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';

// {"sha256":"<64 hex>","value":<canonical JSON>}\n
const head = '{"sha256":"';
const middle = '","value":';
const valueAt = head.length + 64 + middle.length;

/** Writes a value with the digest of its text, so that a damaged file is known as such. Not synced unless asked: damage is a miss. */
export function writeSealed(path: string, value: Json, options: {readonly sync: boolean} = {sync: false}): void {
	const text = canonicalJson(value);
	writeFileAtomic(path, `${head}${hexOf(sha256(text))}${middle}${text}}\n`, options);
}

/** The value, or undefined when the file is missing, unreadable, cut or changed. */
export function readSealed(path: string): Json | undefined {
	let file: string;
	try {
		file = readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
	const text = file.slice(valueAt, -2);
	if (file !== `${head}${hexOf(sha256(text))}${middle}${text}}\n`) return undefined;
	return JSON.parse(text) as Json;
}
