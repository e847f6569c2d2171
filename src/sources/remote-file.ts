import {statSync} from 'node:fs';
import type {Json} from '../core/canonical-json.ts';
import {parseDigest, sha256} from '../core/digest.ts';
import {redactUrl} from '../core/redact-url.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {checksumMismatch} from '../diagnostics/remote.ts';
import type {UrlSource} from '../plan/plan.ts';
import type {BlobName} from '../store/blob-store.ts';
import type {Store} from '../store/open-store.ts';
import {httpGet, type HttpReply} from '../http/http-get.ts';

/** The content behind a URL. */
export interface RemoteFile extends BlobName {
	/** Last-Modified in whole seconds since 1970; 0 when the server gives none. */
	readonly mtime: number;
}

interface Remembered extends RemoteFile {
	readonly etag?: string;
	readonly lastModified?: string;
}

export interface RemoteOptions {
	readonly store: Store;
	readonly signal: AbortSignal;
}

/** What the server has now: asked with the ETag and date of the last answer, so that an unchanged file is not sent again. Its bytes may be missing in the store. */
export async function revalidateRemote({url}: UrlSource, options: RemoteOptions): Promise<RemoteFile> {
	const {store, signal} = options;
	const known = store.memo.get(memoKey(url)) as unknown as Remembered | undefined;
	const headers = {
		...(known?.etag === undefined ? {} : {'if-none-match': known.etag}),
		...(known?.lastModified === undefined ? {} : {'if-modified-since': known.lastModified}),
	};
	const reply = await httpGet(url, {signal, headers});
	return known !== undefined && reply.status === 304 ? known : keep(url, reply, store);
}

/** The file with its bytes in the store; `expected` is what it has to be. Throws BuildError context/checksum-mismatch for anything else. */
export async function fetchRemote(source: UrlSource, expected: string, {store, signal}: RemoteOptions): Promise<RemoteFile> {
	const digest = parseDigest(expected);
	const known = store.memo.get(memoKey(source.url)) as unknown as Remembered | undefined;
	if (known?.digest === expected && store.blobs.has(known)) return known;
	const there = digest === undefined ? undefined : statSync(store.blobs.path(digest), {throwIfNoEntry: false});
	if (digest !== undefined && there !== undefined) return {digest, size: there.size, mtime: 0};
	const found = await keep(source.url, await httpGet(source.url, {signal}), store);
	if (found.digest !== expected) throw new BuildError(checksumMismatch(redactUrl(source.url), expected, found.digest));
	return found;
}

async function keep(url: string, {headers, body}: HttpReply, store: Store): Promise<RemoteFile> {
	const blob = await store.blobs.write(body);
	const lastModified = headers['last-modified'];
	const seconds = Math.floor(Date.parse(lastModified ?? '') / 1000);
	const found: Remembered = {
		...blob,
		mtime: Number.isSafeInteger(seconds) ? seconds : 0,
		...(headers.etag === undefined ? {} : {etag: headers.etag}),
		...(lastModified === undefined ? {} : {lastModified}),
	};
	store.memo.set(memoKey(url), {...found});
	return found;
}

/** The URL may hold credentials, so only its digest is kept. */
function memoKey(url: string): Json {
	return {kind: 'url', version: 1, url: sha256(url)};
}
