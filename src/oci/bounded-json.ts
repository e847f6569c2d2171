import type {Json} from '../core/canonical-json.ts';
import {baseMalformed} from '../diagnostics/base.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';

/** Largest document that is read, as in containerd and skopeo. */
export const documentLimit = 4 * 1024 * 1024;
const depthLimit = 64;

/** A JSON object of untrusted bytes, at most `limit`; `what` names the document in messages. */
export function parseDocument(bytes: Uint8Array, what: string, limit = documentLimit): Outcome<Readonly<Record<string, Json>>> {
	const problem = (text: string): Outcome<never> => ({diagnostics: [baseMalformed(what, text)]});
	if (bytes.length > limit) return problem(`it has ${bytes.length} bytes, ${limit} are allowed`);
	if (depthOf(bytes) > depthLimit) return problem(`its values are nested more than ${depthLimit} deep`);
	let value: Json;
	try {
		value = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes)) as Json;
	} catch {
		return problem('it is not JSON in UTF-8');
	}
	return isObject(value) ? {value, diagnostics: []} : problem('it is not a JSON object');
}

/** Narrows to a JSON object. */
export function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
	return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Narrows to an object whose members are all strings. */
export function isStringMap(value: Json | undefined): value is Readonly<Record<string, string>> {
	return isObject(value) && Object.values(value).every((member) => typeof member === 'string');
}

/** Narrows to a list of strings. */
export function isStringList(value: Json | undefined): value is readonly string[] {
	return Array.isArray(value) && value.every((member) => typeof member === 'string');
}

function depthOf(bytes: Uint8Array): number {
	let depth = 0;
	let deepest = 0;
	let inString = false;
	for (let at = 0; at < bytes.length; at++) {
		const byte = bytes[at];
		if (inString) {
			if (byte === 0x5c) at += 1;
			else if (byte === 0x22) inString = false;
		} else if (byte === 0x22) inString = true;
		else if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, ++depth);
		else if (byte === 0x5d || byte === 0x7d) depth -= 1;
	}
	return deepest;
}
