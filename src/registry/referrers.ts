import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {type Digest, hexOf, sha256} from '../core/digest.ts';
import {documentLimit, isObject, parseDocument} from '../oci/bounded-json.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {parseDescriptor} from '../oci/parse-descriptor.ts';
import {type PulledDocument, pullDocument} from './pull-document.ts';
import {pushDocument} from './push-document.ts';
import {RegistryFailure, unsupported} from './registry-failure.ts';
import type {Asking} from './session.ts';
import {pathOf, pulling, subjectOf, type Target, triesOf} from './target.ts';
import type {Answer} from './transport.ts';

/** A manifest that is about another one, its subject. */
export interface Referrer extends Descriptor {
	readonly artifactType?: string;
}

const pageLimit = 50;
const referrerLimit = 10_000;

/** What is about a manifest, in the order of the registry: by its referrers API, else by the tag that stands in for it. */
export async function listReferrers(target: Target, digest: Digest, artifactType?: string): Promise<readonly Referrer[]> {
	const found = (await fromApi(target, digest, artifactType)) ?? (await fromTag(target, digest)).referrers;
	// A registry need not filter, and an old one cannot.
	return artifactType === undefined ? found : found.filter((referrer) => referrer.artifactType === artifactType);
}

/**
 * Puts a manifest that has a subject. A registry that does not take notice of it has a tag instead, whose index is updated; an update that somebody else
 * overwrites meanwhile is made again (OCI distribution-spec, "Pushing Manifests with Subject").
 */
export async function pushReferrer(target: Target, subject: Digest, bytes: Uint8Array, mediaType: string): Promise<Digest> {
	const {digest, hasSubject} = await pushDocument(target, {}, bytes, mediaType);
	if (hasSubject) return digest;
	const referrer = describe(bytes, mediaType);
	for (let tries = 0; tries < 3; tries += 1) {
		const {referrers} = await fromTag(target, subject);
		if (referrers.some((known) => known.digest === digest)) return digest;
		const index = {schemaVersion: 2, mediaType: mediaTypes.index, manifests: [...referrers, referrer]};
		const text = Buffer.from(canonicalJson(index as unknown as Json));
		if (text.length > documentLimit)
			throw unsupported(subjectOf(target, {tag: fallbackTag(subject)}), target.session.host, 'its list of referrers is full');
		await pushDocument(target, {tag: fallbackTag(subject)}, text, mediaTypes.index);
	}
	const {referrers} = await fromTag(target, subject);
	if (referrers.some((known) => known.digest === digest)) return digest;
	throw unsupported(subjectOf(target, {tag: fallbackTag(subject)}), target.session.host, 'what is written under this tag does not stay');
}

/** The tag that names the index of referrers (OCI distribution-spec, "Referrers Tag Schema"). */
export function fallbackTag(digest: Digest): string {
	return `sha256-${hexOf(digest)}`;
}

/** Undefined when the registry has no such API. */
async function fromApi(target: Target, digest: Digest, artifactType: string | undefined): Promise<readonly Referrer[] | undefined> {
	const subject = subjectOf(target, {digest});
	const query = artifactType === undefined ? '' : `?${new URLSearchParams({artifactType})}`;
	const found: Referrer[] = [];
	let path: string | URL = pathOf(target, `referrers/${digest}${query}`);
	for (let pages = 0; pages < pageLimit; pages += 1) {
		const asking: Asking = {
			method: 'GET',
			path,
			headers: {accept: mediaTypes.index},
			purpose: pulling(target, subject),
			// Registries without it answer as they answer any unknown path.
			expected: [200, 400, 404, 405],
			...triesOf(target),
		};
		const {answer, bytes} = await target.session.askBody(asking, documentLimit);
		const isIndex = answer.headers['content-type']?.split(';')[0]?.trim() === mediaTypes.index;
		if (answer.status !== 200 || !isIndex) return pages === 0 ? undefined : found;
		const page = bytes === undefined ? undefined : parseReferrers(bytes);
		if (page === undefined) throw unsupported(subject, target.session.host, 'its list of referrers is no image index');
		found.push(...page);
		const next = nextPage(answer);
		if (next === undefined || found.length > referrerLimit) return found;
		path = next;
	}
	return found;
}

async function fromTag(target: Target, digest: Digest): Promise<{readonly referrers: readonly Referrer[]}> {
	let pulled: PulledDocument;
	try {
		pulled = await pullDocument(target, {tag: fallbackTag(digest)});
	} catch (error) {
		if (error instanceof RegistryFailure && error.status === 404) return {referrers: []};
		throw error;
	}
	const referrers = pulled.descriptor.mediaType === mediaTypes.index ? parseReferrers(pulled.bytes) : undefined;
	if (referrers === undefined)
		throw unsupported(subjectOf(target, {tag: fallbackTag(digest)}), target.session.host, 'its list of referrers is no image index');
	return {referrers};
}

/** Entries that this builder cannot read, such as other digests, are left out. */
function parseReferrers(bytes: Uint8Array): readonly Referrer[] | undefined {
	const manifests = parseDocument(bytes, 'the list of referrers').value?.['manifests'];
	if (!Array.isArray(manifests)) return undefined;
	return manifests.flatMap((entry: Json) => {
		const descriptor = parseDescriptor(entry);
		if (typeof descriptor === 'string') return [];
		const artifactType = isObject(entry) ? entry['artifactType'] : undefined;
		return [{...descriptor, ...(typeof artifactType === 'string' && artifactType !== '' ? {artifactType} : {})}];
	});
}

/** The entry of an index for a manifest: its type is that of its configuration unless it names one (OCI distribution-spec, "Listing Referrers"). */
function describe(bytes: Uint8Array, mediaType: string): Referrer {
	const {value = {}} = parseDocument(bytes, 'the manifest');
	const config = isObject(value['config']) ? value['config']['mediaType'] : undefined;
	const artifactType = [value['artifactType'], config].find((type): type is string => typeof type === 'string' && type !== '');
	const annotations = isObject(value['annotations']) ? (value['annotations'] as Readonly<Record<string, string>>) : undefined;
	return {
		mediaType,
		digest: sha256(bytes),
		size: bytes.length,
		...(artifactType === undefined ? {} : {artifactType}),
		...(annotations === undefined ? {} : {annotations}),
	};
}

/** Where a list goes on (RFC 8288, `rel="next"`); only the same server is asked. */
export function nextPage({headers, url}: Answer): URL | undefined {
	const link = headers['link'];
	const [, target] = /<([^<>]*)>\s*;[^,]*\brel="?next"?/v.exec(typeof link === 'string' ? link : '') ?? [];
	if (target === undefined || !URL.canParse(target, url.href)) return undefined;
	const next = new URL(target, url);
	return next.origin === url.origin ? next : undefined;
}
