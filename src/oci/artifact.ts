import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {type Digest, sha256} from '../core/digest.ts';
import {baseMalformed} from '../diagnostics/base.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';
import {isStringMap, parseDocument} from './bounded-json.ts';
import type {Descriptor} from './descriptor.ts';
import {mediaTypes} from './media-types.ts';
import {parseDescriptor} from './parse-descriptor.ts';

/** The blob `{}`: configuration of what needs none (OCI image-spec 1.1, manifest.md#guidance-for-an-empty-descriptor). */
export const emptyConfig: Descriptor & {readonly bytes: string} = {
	mediaType: 'application/vnd.oci.empty.v1+json',
	digest: sha256('{}'),
	size: 2,
	bytes: '{}',
};

/** A manifest that is no image but tells of one: a referrer (OCI image-spec 1.1, manifest.md). */
export interface Artifact {
	readonly artifactType: string;
	/** What it holds, at least one. */
	readonly blobs: readonly Descriptor[];
	/** The manifest that it is about; absent: it stands alone. */
	readonly subject?: Descriptor;
	readonly annotations?: Readonly<Record<string, string>>;
}

/** The bytes of the manifest: same parts, same bytes. The blob of `emptyConfig` belongs to it. */
export function makeArtifact({artifactType, blobs, subject, annotations}: Artifact): string {
	if (blobs.length === 0) throw new RangeError('an artifact holds at least one blob');
	const {mediaType, digest, size} = emptyConfig;
	const about = subject === undefined ? undefined : {mediaType: subject.mediaType, digest: subject.digest, size: subject.size};
	return canonicalJson({
		schemaVersion: 2,
		mediaType: mediaTypes.manifest,
		artifactType,
		config: {mediaType, digest, size},
		layers: blobs,
		subject: about,
		annotations: annotations === undefined || Object.keys(annotations).length === 0 ? undefined : annotations,
	} as unknown as Json);
}

/** The descriptor of an artifact's manifest, as an index lists referrers: with the type and the annotations (distribution-spec 1.1, referrers). */
export function artifactDescriptor(bytes: string, {artifactType, annotations}: Pick<Artifact, 'artifactType' | 'annotations'>): Descriptor {
	const noted = annotations === undefined || Object.keys(annotations).length === 0 ? {} : {annotations};
	return {mediaType: mediaTypes.manifest, digest: sha256(bytes), size: Buffer.byteLength(bytes), artifactType, ...noted};
}

/** An artifact of untrusted bytes; one without `artifactType` is what its configuration is. */
export function parseArtifact(bytes: Uint8Array): Outcome<Artifact & {readonly digest: Digest; readonly config: Descriptor}> {
	const what = 'the artifact manifest';
	const problem = (text: string): Outcome<never> => ({diagnostics: [baseMalformed(what, text)]});
	const {value, diagnostics} = parseDocument(bytes, what);
	if (value === undefined) return {diagnostics};
	const {schemaVersion, mediaType, layers, annotations} = value;
	if (schemaVersion !== 2) return problem(`its schemaVersion is ${JSON.stringify(schemaVersion) ?? 'missing'}, expected 2`);
	if (mediaType !== undefined && mediaType !== mediaTypes.manifest)
		return problem(`its media type is ${JSON.stringify(mediaType)}, expected that of an OCI manifest`);
	if (['manifests', 'fsLayers'].some((name) => name in value)) return problem('it is a manifest and an index at once');
	const config = parseDescriptor(value['config']);
	if (typeof config === 'string') return problem(`its config ${config}`);
	const artifactType = value['artifactType'] ?? config.mediaType;
	if (typeof artifactType !== 'string' || artifactType === '') return problem('its artifactType is no text');
	if (!Array.isArray(layers)) return problem('it has no list of layers');
	const blobs: Descriptor[] = [];
	for (const [at, entry] of layers.entries()) {
		const blob = parseDescriptor(entry as Json);
		if (typeof blob === 'string') return problem(`its layer ${at} ${blob}`);
		blobs.push(blob);
	}
	const subject = value['subject'] === undefined ? undefined : parseDescriptor(value['subject']);
	if (typeof subject === 'string') return problem(`its subject ${subject}`);
	const artifact = {
		artifactType,
		blobs,
		config,
		digest: sha256(bytes),
		...(subject === undefined ? {} : {subject}),
		...(isStringMap(annotations) ? {annotations} : {}),
	};
	return {value: artifact, diagnostics: []};
}
