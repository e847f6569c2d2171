import {documentLimit, isStringList, parseDocument} from '../oci/bounded-json.ts';
import {nextPage} from './referrers.ts';
import {unsupported} from './registry-failure.ts';
import type {Asking} from './session.ts';
import {pathOf, pulling, type Target, triesOf} from './target.ts';

const tagLimit = 100_000;

/** The tags of a repository, in the order of the registry (OCI distribution-spec, "Listing Tags"). */
export async function listTags(target: Target): Promise<readonly string[]> {
	const found: string[] = [];
	let path: string | URL | undefined = pathOf(target, 'tags/list?n=1000');
	while (path !== undefined && found.length < tagLimit) {
		const asking: Asking = {
			method: 'GET',
			path,
			headers: {accept: 'application/json'},
			purpose: pulling(target, target.name),
			expected: [200],
			...triesOf(target),
		};
		const {answer, bytes} = await target.session.askBody(asking, documentLimit);
		const tags = bytes === undefined ? undefined : parseDocument(bytes, 'the list of tags').value?.['tags'];
		if (tags !== null && !isStringList(tags)) throw unsupported(target.name, target.session.host, 'its answer is no list of tags');
		// A page that is empty and yet not the last would never end.
		if (tags === null || tags.length === 0) break;
		found.push(...tags);
		path = nextPage(answer);
	}
	return found;
}
