import {readFileSync} from 'node:fs';
import type {Json} from '../core/canonical-json.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';

/**
 * Facts like those of the memo that are read before anything else: named and checked without a digest, because loading what computes one takes
 * half as long as all that comes before. Two keys with one name take turns. Cheap to lose.
 */
export function readNote(store: string, kind: string, key: string): Json | undefined {
	const note = parsed(textIn(pathOf(store, kind, key)));
	return note?.key === key ? note.value : undefined;
}

/** Writes it when it is another one. Without room in the store nothing happens: the build says so itself, where it needs some. */
export function writeNote(store: string, kind: string, key: string, value: Json): void {
	const path = pathOf(store, kind, key);
	const text = JSON.stringify({key, value});
	try {
		if (textIn(path) !== text) writeFileAtomic(path, text, {sync: false});
	} catch {
		// The next build finds nothing, and looks itself.
	}
}

/** By FNV-1a in 32 bits. */
function pathOf(store: string, kind: string, key: string): string {
	let hash = 0x811c_9dc5;
	for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x0100_0193) >>> 0;
	return `${store}/memo/${hash.toString(16).padStart(8, '0')}.${kind}`;
}

function textIn(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}

function parsed(text: string | undefined): {readonly key?: unknown; readonly value?: Json} | undefined {
	try {
		const note: unknown = text === undefined ? undefined : JSON.parse(text);
		return typeof note === 'object' && note !== null ? note : undefined;
	} catch {
		return undefined;
	}
}
