import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {baseMalformed} from '../diagnostics/base.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';
import {parseDocument} from './bounded-json.ts';
import type {Descriptor} from './descriptor.ts';
import {isIndexType, mediaTypes} from './media-types.ts';
import {parseDescriptor} from './parse-descriptor.ts';

/** An image index (OCI image-spec, image-index.md) or a Docker manifest list. */
export interface ImageIndex {
	readonly mediaType: string;
	readonly manifests: readonly Descriptor[];
}

/** A document with members of a manifest is refused, whatever it says it is (CVE-2021-41190). */
export function parseIndex(bytes: Uint8Array, expectedType?: string, limit?: number): Outcome<ImageIndex> {
	const what = 'the image index';
	const problem = (text: string): Outcome<never> => ({diagnostics: [baseMalformed(what, text)]});
	const {value, diagnostics} = parseDocument(bytes, what, limit);
	if (value === undefined) return {diagnostics};
	const {schemaVersion, mediaType, manifests} = value;
	if (schemaVersion !== 2) return problem(`its schemaVersion is ${JSON.stringify(schemaVersion) ?? 'missing'}, expected 2`);
	if (['config', 'layers', 'fsLayers'].some((name) => name in value)) return problem('it is an index and a manifest at once');
	if (mediaType !== undefined && (typeof mediaType !== 'string' || !isIndexType(mediaType))) {
		return problem(`its media type is ${JSON.stringify(mediaType)}, expected that of an index`);
	}
	if (expectedType !== undefined && mediaType !== undefined && mediaType !== expectedType) {
		return problem(`its media type is \`${mediaType}\`, but its descriptor says \`${expectedType}\``);
	}
	if (!Array.isArray(manifests)) return problem('it has no list of manifests');
	const parsed: Descriptor[] = [];
	for (const [at, entry] of manifests.entries()) {
		const descriptor = parseDescriptor(entry);
		if (typeof descriptor === 'string') return problem(`its manifest ${at} ${descriptor}`);
		parsed.push(descriptor);
	}
	return {value: {mediaType: mediaType ?? expectedType ?? mediaTypes.index, manifests: parsed}, diagnostics: []};
}

/** The bytes of an OCI index: same parts, same bytes. */
export function makeIndex({
	manifests,
	annotations,
}: {
	readonly manifests: readonly Descriptor[];
	readonly annotations?: Readonly<Record<string, string>> | undefined;
}): string {
	return canonicalJson({
		schemaVersion: 2,
		mediaType: mediaTypes.index,
		manifests,
		...(annotations === undefined ? {} : {annotations}),
	} as unknown as Json);
}
