import {parseDigest} from '../core/digest.ts';
import type {BlobName} from '../store/blob-store.ts';
import type {Pacing} from './pacing.ts';
import {assertDigest} from './pull-document.ts';
import {failureOfTrouble, RegistryFailure} from './registry-failure.ts';
import type {Asking} from './session.ts';
import {pathOf, pulling, pushing, subjectOf, type Target, triesOf} from './target.ts';
import type {Answer} from './transport.ts';
import {Trouble} from './trouble.ts';

/** A blob that can be read from any place on. */
export interface BlobContent extends BlobName {
	/** Pieces that stay as they are when the next ones are read. */
	open(offset: number): AsyncIterable<Uint8Array>;
}

export type PushedBlob = 'there' | 'mounted' | 'sent';

/** Bytes up to which a blob is sent by one request. */
const smallBlob = 1 << 20;
/** Bytes of one request of larger ones: proxies before registries often take at most 100 MB. */
const usualChunk = 64 << 20;

export async function hasBlob(target: Target, blob: BlobName): Promise<boolean> {
	const answer = await target.session.ask({
		method: 'HEAD',
		path: pathOf(target, `blobs/${blob.digest}`),
		purpose: pulling(target, subjectOf(target, blob)),
		expected: [200, 404],
		...triesOf(target),
	});
	answer.dispose();
	return answer.status === 200;
}

/**
 * Brings a blob into a repository: it may be there, another repository of the registry may lend it, or it is uploaded (OCI distribution-spec, "Pushing
 * Blobs"), a large one in chunks. An upload that breaks goes on where the registry says that it ended, or begins anew when it does not know it.
 */
export async function pushBlob(target: Target, content: BlobContent, mountFrom: readonly string[], pacing: Pacing): Promise<PushedBlob> {
	const upload = new Upload(target, content, pacing);
	if (await upload.isThere()) return 'there';
	if (await upload.mount(mountFrom)) return 'mounted';
	// What was sent counts: an upload that gets further each time is not given up.
	for (let failures = 1, furthest = 0; ; failures += 1) {
		try {
			await upload.send();
			return 'sent';
		} catch (error) {
			if (!(error instanceof RegistryFailure) || !(error.isPassing || isLostUpload(error))) throw error;
			if (upload.sent > furthest) failures = 1;
			furthest = Math.max(furthest, upload.sent);
			if (failures >= pacing.attempts) throw error;
			await target.session.pauseAfter(error, failures);
			if (await upload.recover()) return 'sent';
		}
	}
}

/** Statuses with which registries say that they do not know the upload, or another offset. */
function isLostUpload({status}: RegistryFailure): boolean {
	return status === 404 || status === 416;
}

class Upload {
	readonly #target: Target;
	readonly #content: BlobContent;
	readonly #pacing: Pacing;
	readonly #subject: string;
	/** Where the rest goes; undefined while there is no upload. */
	#place: URL | undefined;
	#sent = 0;
	#leastChunk = 0;
	#takesChunks = true;

	constructor(target: Target, content: BlobContent, pacing: Pacing) {
		this.#target = target;
		this.#content = content;
		this.#pacing = pacing;
		this.#subject = subjectOf(target, content);
	}

	/** Bytes that the registry has. */
	get sent(): number {
		return this.#sent;
	}

	async isThere(): Promise<boolean> {
		const {digest} = this.#content;
		const answer = await this.#ask({method: 'HEAD', path: pathOf(this.#target, `blobs/${digest}`), expected: [200, 404]});
		answer.dispose();
		return answer.status === 200;
	}

	/** True when one of the repositories has the blob and may lend it; otherwise an upload may have begun. */
	async mount(repositories: readonly string[]): Promise<boolean> {
		for (const from of repositories) {
			await this.#cancel();
			const query = new URLSearchParams({mount: this.#content.digest, from});
			const scopes = [`repository:${from}:pull`];
			try {
				const answer = await this.#ask({
					method: 'POST',
					path: pathOf(this.#target, `blobs/uploads/?${query}`),
					expected: [201, 202],
					scopes,
					attempts: 1,
				});
				answer.dispose();
				if (answer.status === 201) return true;
				this.#begun(answer);
			} catch (error) {
				// It may not lend it to us; a registry that has a fault is met again.
				if (!(error instanceof RegistryFailure)) throw error;
			}
		}
		return false;
	}

	/** Sends what the registry does not have yet, and has it checked. */
	async send(): Promise<void> {
		await this.#begin();
		const {size, digest} = this.#content;
		const chunk = Math.max(usualChunk, this.#leastChunk);
		if (size > smallBlob) {
			for (let left = size - this.#sent; this.#takesChunks && left > 0; left = size - this.#sent) await this.#patch(Math.min(chunk, left));
		}
		const rest = size - this.#sent;
		const place = new URL(this.#place ?? '');
		// The registry's own query stays byte for byte: it may be signed.
		place.search += `${place.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
		const answer = await this.#ask({
			method: 'PUT',
			path: place,
			headers: {'content-type': 'application/octet-stream'},
			body: this.#part(rest),
			expected: [200, 201, 204],
			attempts: 1,
			patience: this.#pacing.commitPatience,
		});
		answer.dispose();
		const named = answer.headers['docker-content-digest'];
		if (typeof named === 'string') assertDigest(this.#subject, parseDigest(named), digest);
	}

	/** After a failure: true when the blob came through all the same; otherwise `send` goes on with what the registry has. */
	async recover(): Promise<boolean> {
		if (await this.isThere()) return true;
		const place = this.#place;
		const before = this.#sent;
		this.#place = undefined;
		this.#sent = 0;
		// `0-0` may mean no byte or one.
		if (place === undefined || before + this.#content.size <= 1) return false;
		try {
			const answer = await this.#ask({method: 'GET', path: place, expected: [204], attempts: 1});
			answer.dispose();
			const end = endOf(answer);
			if (end === undefined || end <= 1 || end > this.#content.size) return false;
			this.#place = answer.headers.location === undefined ? place : this.#target.session.placeOf(answer, this.#subject);
			this.#sent = end;
		} catch (error) {
			if (!(error instanceof RegistryFailure)) throw error;
		}
		return false;
	}

	async #begin(): Promise<void> {
		if (this.#place !== undefined) return;
		const answer = await this.#ask({
			method: 'POST',
			path: pathOf(this.#target, 'blobs/uploads/'),
			body: {size: 0, open: () => []},
			expected: [202],
		});
		answer.dispose();
		this.#begun(answer);
	}

	#begun(answer: Answer): void {
		const least = Number(answer.headers['oci-chunk-min-length']);
		this.#leastChunk = Number.isSafeInteger(least) && least > 0 ? least : 0;
		this.#place = this.#target.session.placeOf(answer, this.#subject);
		this.#sent = 0;
	}

	async #patch(length: number): Promise<void> {
		const end = this.#sent + length;
		try {
			const answer = await this.#ask({
				method: 'PATCH',
				path: this.#place ?? '',
				headers: {'content-type': 'application/octet-stream', 'content-range': `${this.#sent}-${end - 1}`},
				body: this.#part(length),
				// 202 is right; 201 and 204 have been seen.
				expected: [201, 202, 204],
				attempts: 1,
				patience: this.#pacing.commitPatience,
			});
			answer.dispose();
			if (answer.headers.location !== undefined) this.#place = this.#target.session.placeOf(answer, this.#subject);
			const taken = endOf(answer) ?? end;
			// A registry that took less is given the rest; what it cannot have it does not have.
			this.#sent = taken > this.#sent && taken <= end ? taken : end;
		} catch (error) {
			if (!(error instanceof RegistryFailure) || ![405, 501].includes(error.status ?? 0) || this.#sent > 0) throw error;
			this.#takesChunks = false;
		}
	}

	#part(length: number): NonNullable<Asking['body']> {
		const offset = this.#sent;
		const {open} = this.#content;
		return {size: length, open: () => (length === 0 ? [] : firstOf(open.call(this.#content, offset), length))};
	}

	/** Ends an upload that is not used. The registry would do it some day. */
	async #cancel(): Promise<void> {
		const place = this.#place;
		this.#place = undefined;
		if (place === undefined) return;
		try {
			(await this.#ask({method: 'DELETE', path: place, expected: [200, 202, 204], attempts: 1})).dispose();
		} catch (error) {
			if (!(error instanceof RegistryFailure)) throw error;
		}
	}

	async #ask({scopes = [], ...asking}: Omit<Asking, 'purpose'> & {readonly scopes?: readonly string[]}): Promise<Answer> {
		const purpose = pushing(this.#target, this.#subject);
		try {
			return await this.#target.session.ask({...asking, purpose: {...purpose, scopes: [...purpose.scopes, ...scopes]}});
		} catch (error) {
			throw error instanceof Trouble ? failureOfTrouble(error, this.#subject, this.#target.session.host) : error;
		}
	}
}

/** Bytes that a Range header of an upload counts (`0-LAST`, OCI distribution-spec, "Pushing a blob in chunks"). */
function endOf({headers}: Answer): number | undefined {
	const [, last] = /^(?:bytes=)?0-(\d{1,15})$/v.exec(headers.range ?? '') ?? [];
	return last === undefined ? undefined : Number(last) + 1;
}

/** The last piece waits for the end of what is read, which may tell that all of it is damaged: then the request is never complete. */
async function* firstOf(chunks: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
	let left = length;
	let held: Uint8Array | undefined;
	for await (const chunk of chunks) {
		if (held !== undefined) yield held;
		held = chunk.subarray(0, left);
		left -= held.length;
		// Only a part was wanted: the rest is for another request.
		if (held.length < chunk.length) break;
	}
	if (held !== undefined) yield held;
}
