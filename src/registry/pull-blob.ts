import {registryUnreachable, registryWrongDigest} from '../diagnostics/registry.ts';
import type {BlobName} from '../store/blob-store.ts';
import type {Pacing} from './pacing.ts';
import {failureOfTrouble, RegistryFailure, unsupported} from './registry-failure.ts';
import {pathOf, pulling, subjectOf, type Target} from './target.ts';
import type {Answer} from './transport.ts';
import {Trouble} from './trouble.ts';

/**
 * The bytes of a blob from `offset` on, never more than the blob has. A connection that breaks is made again, for the rest only (RFC 9110, 14.2); what
 * a server sends once more, as it knows no ranges, is passed over. Does not verify the digest. Throws RegistryFailure.
 */
export async function* pullBlob(
	target: Target,
	blob: BlobName,
	offset: number,
	pacing: Pick<Pacing, 'attempts'>,
): AsyncGenerator<Uint8Array> {
	const subject = subjectOf(target, blob);
	const attempts = target.attempts ?? pacing.attempts;
	let at = offset;
	for (let failures = 0; at < blob.size;) {
		const before = at;
		try {
			const answer = await askFrom(target, blob, at);
			for await (const chunk of restOf(answer, blob, at, (problem) => unsupported(subject, target.session.host, problem))) {
				at += chunk.length;
				yield chunk;
			}
			if (at < blob.size) throw new Trouble('unreachable', `it ended after ${at} of ${blob.size} bytes`);
		} catch (error) {
			const failure = error instanceof Trouble ? failureOfTrouble(error, subject, target.session.host) : error;
			if (!(failure instanceof RegistryFailure) || !failure.isPassing) throw failure;
			// A server that gives a few bytes each time makes progress, too: as long as these are enough, see `paced`.
			failures = at - before >= leastProgress ? 1 : failures + 1;
			if (failures >= attempts) throw tried(failure, failures);
			await target.session.pauseAfter(failure, failures);
		}
	}
}

/** Bytes after which a connection that broke counts as the first one. */
const leastProgress = 64 * 1024;

function askFrom(target: Target, blob: BlobName, at: number): Promise<Answer> {
	return target.session.ask({
		method: 'GET',
		path: pathOf(target, `blobs/${blob.digest}`),
		headers: {accept: '*/*', ...(at === 0 ? {} : {range: `bytes=${at}-${blob.size - 1}`})},
		purpose: pulling(target, subjectOf(target, blob)),
		expected: [200, 206],
		// Trying again is the caller's: otherwise each of its attempts would be as many.
		attempts: 1,
	});
}

async function* restOf(answer: Answer, blob: BlobName, at: number, problem: (text: string) => RegistryFailure): AsyncGenerator<Uint8Array> {
	let start: number;
	try {
		start = startOf(answer, blob, at, problem);
	} catch (error) {
		answer.dispose();
		throw error;
	}
	const isFramed = answer.headers['content-length'] !== undefined;
	let position = start;
	for await (const chunk of answer.body) {
		const rest = chunk.subarray(Math.min(chunk.length, Math.max(0, at - position)));
		position += chunk.length;
		if (position > blob.size) throw new RegistryFailure(registryWrongDigest(blob.digest, `${blob.size} bytes`, 'more'));
		if (rest.length > 0) yield rest;
		// Without a length only the connection's end would tell that nothing follows.
		if (position === blob.size && !isFramed) return;
	}
}

/** The position in the blob at which an answer begins. */
function startOf({status, headers}: Answer, blob: BlobName, at: number, problem: (text: string) => RegistryFailure): number {
	const encoding = headers['content-encoding'];
	if (encoding !== undefined && encoding !== 'identity') throw problem(`it encodes a blob as \`${encoding}\`, which was not asked for`);
	const length = headers['content-length'];
	let start = 0;
	if (status === 206) {
		const [, first = '', , total = ''] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/v.exec(headers['content-range'] ?? '') ?? [];
		if (first === '') throw problem('its answer to a range does not tell which range it is');
		start = Number(first);
		if (start > at) throw problem(`it gives the bytes from ${start} on, asked for were those from ${at} on`);
		if (total !== '*' && Number(total) !== blob.size) throw wrongSize(blob, total);
	}
	if (length !== undefined && start + Number(length) > blob.size) throw wrongSize(blob, String(start + Number(length)));
	if (status === 200 && length !== undefined && Number(length) !== blob.size) throw wrongSize(blob, length);
	return start;
}

function wrongSize(blob: BlobName, found: string): RegistryFailure {
	return new RegistryFailure(registryWrongDigest(blob.digest, `${blob.size} bytes`, `${found} bytes`));
}

function tried(failure: RegistryFailure, times: number): RegistryFailure {
	const {code, data, because = []} = failure.diagnostics[0] ?? {};
	if (code !== 'registry/unreachable') return failure;
	const problem = `${because.at(-1)}, ${times} times without progress`;
	return new RegistryFailure(registryUnreachable(String(data?.['subject']), String(data?.['host']), problem), {
		cause: failure,
		isPassing: true,
	});
}
