import {type Digest, parseDigest, sha256} from '../core/digest.ts';
import {assertDigest} from './pull-document.ts';
import {pathOf, pushing, subjectOf, type Tagged, type Target} from './target.ts';

export interface PushedDocument {
	readonly digest: Digest;
	/** The registry took notice of the `subject` of the document (header OCI-Subject): it lists it among the referrers. */
	readonly hasSubject: boolean;
}

/** Puts a manifest or an index under a tag, or under its own digest when there is none (OCI distribution-spec, "Pushing Manifests"). */
export async function pushDocument(target: Target, tagged: Tagged, bytes: Uint8Array, mediaType: string): Promise<PushedDocument> {
	const digest = sha256(bytes);
	const subject = subjectOf(target, tagged);
	assertDigest(subject, tagged.digest, digest);
	const answer = await target.session.ask({
		method: 'PUT',
		path: pathOf(target, `manifests/${tagged.tag ?? digest}`),
		headers: {'content-type': mediaType},
		body: {size: bytes.length, open: () => [bytes]},
		purpose: pushing(target, subject),
		// 201 is right; some have answered 200 or 202.
		expected: [200, 201, 202],
	});
	answer.dispose();
	const named = answer.headers['docker-content-digest'];
	if (typeof named === 'string') assertDigest(subject, parseDigest(named), digest);
	return {digest, hasSubject: answer.headers['oci-subject'] !== undefined};
}
