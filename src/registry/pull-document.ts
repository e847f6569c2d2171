import {type Digest, parseDigest, sha256} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {registryWrongDigest} from '../diagnostics/registry.ts';
import {documentLimit, parseDocument} from '../oci/bounded-json.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {isIndexType, isManifestType, mediaTypes} from '../oci/media-types.ts';
import {RegistryFailure, unsupported} from './registry-failure.ts';
import type {Asking} from './session.ts';
import {pathOf, pulling, subjectOf, type Tagged, type Target, triesOf} from './target.ts';
import type {Answer} from './transport.ts';

/** A manifest or an index as it came, and what names it. */
export interface PulledDocument {
	readonly bytes: Buffer;
	readonly descriptor: Descriptor;
}

const accept = [mediaTypes.index, mediaTypes.manifest, mediaTypes.dockerIndex, mediaTypes.dockerManifest].join(', ');
/** What servers say of documents whose type they do not know: then the document's own word counts. */
const vague: ReadonlySet<string> = new Set(['', 'application/json', 'application/octet-stream', 'text/plain', 'binary/octet-stream']);

/** What a tag or digest names, without its bytes where the registry tells enough of it. Whoever then gets the bytes verifies them. */
export async function resolveDocument(target: Target, tagged: Tagged): Promise<Descriptor> {
	const answer = await target.session.ask(askingFor(target, tagged, 'HEAD'));
	answer.dispose();
	if (answer.status === 200) {
		const mediaType = typeOf(answer);
		const {'docker-content-digest': named, 'content-length': length} = answer.headers;
		const digest = typeof named === 'string' ? parseDigest(named) : undefined;
		const size = /^\d{1,15}$/v.test(length ?? '') ? Number(length) : undefined;
		const isKnown = isIndexType(mediaType) || isManifestType(mediaType);
		if (isKnown && digest !== undefined && size !== undefined && size <= documentLimit && (tagged.digest ?? digest) === digest)
			return {mediaType, digest, size};
	}
	// Only the answer to GET tells why not.
	return (await pullDocument(target, tagged)).descriptor;
}

/**
 * The document that a tag or digest names; with `expected`, exactly that one. Digest, size and media type are verified: the header, the document's own
 * `mediaType` and the descriptor must not contradict each other (OCI distribution-spec, "Pulling manifests"; CVE-2021-41190).
 */
export async function pullDocument(target: Target, tagged: Tagged, expected?: Descriptor): Promise<PulledDocument> {
	const wanted: Tagged = expected === undefined ? tagged : {digest: expected.digest};
	const subject = subjectOf(target, wanted);
	const {host} = target.session;
	const {answer, bytes} = await target.session.askBody(askingFor(target, wanted, 'GET'), documentLimit);
	if (bytes === undefined) throw unsupported(subject, host, `a document has more than ${documentLimit} bytes`);
	const digest = sha256(bytes);
	assertDigest(subject, wanted.digest, digest);
	const named = answer.headers['docker-content-digest'];
	if (typeof named === 'string') assertDigest(subject, parseDigest(named), digest);
	if (expected !== undefined && expected.size !== bytes.length)
		throw new RegistryFailure(registryWrongDigest(subject, `${expected.size} bytes`, `${bytes.length} bytes`));
	const mediaType = checkType(bytes, typeOf(answer), (problem) => unsupported(subject, host, problem));
	if (expected !== undefined && expected.mediaType !== mediaType)
		throw unsupported(subject, host, `it is \`${mediaType}\`, but its descriptor says \`${expected.mediaType}\``);
	return {bytes, descriptor: {mediaType, digest, size: bytes.length}};
}

function askingFor(target: Target, tagged: Tagged, method: 'HEAD' | 'GET'): Asking {
	return {
		method,
		path: pathOf(target, `manifests/${tagged.digest ?? tagged.tag ?? 'latest'}`),
		headers: {accept},
		purpose: pulling(target, subjectOf(target, tagged)),
		// Some answer HEAD with other errors than GET; none has a body that would tell more.
		expected: method === 'GET' ? [200] : [200, 400, 403, 404, 405],
		...triesOf(target),
	};
}

/** The media type of an answer, without parameters. */
function typeOf({headers}: Answer): string {
	return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function checkType(bytes: Buffer, header: string, problem: (text: string) => RegistryFailure): string {
	const {value, diagnostics} = parseDocument(bytes, 'the document');
	if (value === undefined) throw new BuildError(diagnostics);
	const own = value['mediaType'];
	if (value['schemaVersion'] === 1)
		throw problem('it is a manifest of schema 1, which is no longer used: push the image again with a current tool');
	if (own !== undefined && typeof own !== 'string') throw problem('its `mediaType` is no text');
	const mediaType = vague.has(header) ? (own ?? '') : header;
	if (own !== undefined && own !== mediaType) throw problem(`its header says \`${header}\`, the document \`${own}\``);
	if (!isIndexType(mediaType) && !isManifestType(mediaType)) throw problem(`it has the unknown media type \`${mediaType}\``);
	return mediaType;
}

/** Throws registry/wrong-digest. Algorithms that are not known do not reach this as a digest and are not compared. */
export function assertDigest(subject: string, wanted: Digest | undefined, found: Digest): void {
	if (wanted !== undefined && wanted !== found) throw new RegistryFailure(registryWrongDigest(subject, wanted, found));
}
