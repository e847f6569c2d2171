import {isObject} from '../oci/bounded-json.ts';
import type {Json} from '../core/canonical-json.ts';
import type {Answer} from './transport.ts';

/** Bytes of an error that are read at most. */
const errorLimit = 64 * 1024;

/** At most so many bytes of a body; undefined when it has more. */
export async function readBody(answer: Answer, limit: number): Promise<Buffer | undefined> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	if (Number(answer.headers['content-length'] ?? 0) > limit) {
		answer.dispose();
		return undefined;
	}
	// Leaving the loop lets the connection go.
	for await (const chunk of answer.body) {
		size += chunk.length;
		if (size > limit) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/** What an answer that is an error says: its status, and the `errors` of its body (OCI distribution-spec, "Error Codes"). Uses the body up. */
export async function whatItSaid(answer: Answer, who = 'the registry'): Promise<readonly string[]> {
	const status = `${who} answered ${answer.status}`;
	let body: Buffer | undefined;
	try {
		body = await readBody(answer, errorLimit);
	} catch {
		// The status is told all the same.
	}
	return [status, ...errorsOf(body?.toString('utf8') ?? '')];
}

function errorsOf(text: string): readonly string[] {
	let document: Json;
	try {
		document = JSON.parse(text) as Json;
	} catch {
		return [];
	}
	const errors = isObject(document) ? document['errors'] : undefined;
	if (!Array.isArray(errors)) return isObject(document) && typeof document['details'] === 'string' ? [document['details']] : [];
	return errors.flatMap((entry: Json) => {
		if (!isObject(entry)) return [];
		const {code, message} = entry;
		const parts = [code, message].filter((part) => typeof part === 'string' && part !== '');
		return parts.length === 0 ? [] : [parts.join(': ')];
	});
}
