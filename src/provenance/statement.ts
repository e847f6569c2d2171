import type {Json} from '../core/canonical-json.ts';
import {type Digest, hexOf} from '../core/digest.ts';

/** Media type of a statement that is not signed (in-toto attestation, spec/v1/envelope.md and its bundles in registries). */
export const statementMediaType = 'application/vnd.in-toto+json';
/** Annotation of a layer that holds a statement, as BuildKit and its readers have it. */
export const predicateTypeAnnotation = 'in-toto.io/predicate-type';

/** What a statement says of the image whose manifest has the digest. */
export interface StatementParts {
	/** Of the image's manifest. */
	readonly digest: Digest;
	/** Names of the image; none: the digest says enough. */
	readonly names: readonly string[];
	readonly predicateType: string;
	readonly predicate: Json;
}

/** An in-toto statement (in-toto attestation, spec/v1/statement.md): the same parts give the same bytes. */
export function printStatement({digest, names, predicateType, predicate}: StatementParts): string {
	const sha256 = {sha256: hexOf(digest)};
	const subject = names.length === 0 ? [{digest: sha256}] : names.toSorted().map((name) => ({name, digest: sha256}));
	return `${JSON.stringify({_type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate}, undefined, 2)}\n`;
}
