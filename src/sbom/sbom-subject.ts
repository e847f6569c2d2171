import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {type Digest, sha256} from '../core/digest.ts';
import {textOf} from '../core/raw-path.ts';
import type {Inventory, InventoryProblem} from './listed-package.ts';

/** The image that a document is about. */
export interface SbomSubject {
	/** A name for people, such as `docker.io/library/debian:12`, or the digest. */
	readonly name: string;
	/** Of the manifest. */
	readonly digest: Digest;
	/** Whole seconds since 1970: the image's own time, so that the document of an image is always the same. */
	readonly created: number;
}

/** A UUID (version 8, RFC 9562) that follows from what a document says: another text has another one. */
export function documentUuid(format: string, subject: SbomSubject, inventory: Inventory): string {
	const content: Json = [format, {...subject}, inventory as unknown as Json];
	const hex = sha256(canonicalJson(content)).slice('sha256:'.length);
	const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
	return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

/** The last part of a name, without registry, tag and digest. */
export function shortName({name}: SbomSubject): string {
	return /([^\/:@]+)(?::[^\/:@]+)?(?:@.*)?$/v.exec(name)?.[1] ?? name;
}

/** What the document says of a file that could not be read in full. */
export function incompleteText({path, layer, diffId, text}: InventoryProblem): string {
	return `packages may be missing: /${textOf(path)} of layer ${layer} (${diffId}): ${text}`;
}
