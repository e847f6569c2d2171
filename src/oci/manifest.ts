import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {baseMalformed} from '../diagnostics/base.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';
import {parseDocument} from './bounded-json.ts';
import type {Descriptor} from './descriptor.ts';
import {compressionOf, isManifestType, mediaTypes} from './media-types.ts';
import {parseDescriptor} from './parse-descriptor.ts';

/** An image manifest (OCI image-spec, manifest.md; Docker image manifest version 2, schema 2). */
export interface Manifest {
	readonly mediaType: string;
	readonly config: Descriptor;
	readonly layers: readonly Descriptor[];
	readonly annotations?: Readonly<Record<string, string>>;
}

/** A manifest of untrusted bytes; `expectedType` is the media type its descriptor gave. */
export function parseManifest(bytes: Uint8Array, expectedType?: string): Outcome<Manifest> {
	const what = 'the image manifest';
	const problem = (text: string): Outcome<never> => ({diagnostics: [baseMalformed(what, text)]});
	const {value, diagnostics} = parseDocument(bytes, what);
	if (value === undefined) return {diagnostics};
	const {schemaVersion, layers} = value;
	if (schemaVersion !== 2) return problem(`its schemaVersion is ${JSON.stringify(schemaVersion) ?? 'missing'}, expected 2`);
	if (['manifests', 'fsLayers'].some((name) => name in value)) return problem('it is a manifest and an index at once');
	const mediaType = value['mediaType'] ?? expectedType ?? mediaTypes.manifest;
	if (typeof mediaType !== 'string' || !isManifestType(mediaType)) {
		return problem(`its media type is ${JSON.stringify(mediaType)}, expected that of an image manifest`);
	}
	if (expectedType !== undefined && mediaType !== expectedType) {
		return problem(`its media type is \`${mediaType}\`, but its descriptor says \`${expectedType}\``);
	}
	const config = parseDescriptor(value['config']);
	if (typeof config === 'string') return problem(`its config ${config}`);
	if (config.mediaType !== mediaTypes.config && config.mediaType !== mediaTypes.dockerConfig) {
		return problem(`its config has the media type \`${config.mediaType}\`: it is no container image`);
	}
	if (!Array.isArray(layers)) return problem('it has no list of layers');
	const parsed: Descriptor[] = [];
	for (const [at, entry] of layers.entries()) {
		const layer = parseDescriptor(entry);
		if (typeof layer === 'string') return problem(`its layer ${at} ${layer}`);
		if (compressionOf(layer.mediaType) === undefined) return problem(`its layer ${at} has the unknown media type \`${layer.mediaType}\``);
		parsed.push(layer);
	}
	return {value: {mediaType, config, layers: parsed}, diagnostics: []};
}

/** The bytes of an OCI manifest: same parts, same bytes. */
export function makeManifest(parts: {
	readonly config: Descriptor;
	readonly layers: readonly Descriptor[];
	readonly annotations?: Readonly<Record<string, string>> | undefined;
}): string {
	const {config, layers, annotations} = parts;
	const noted = annotations === undefined || Object.keys(annotations).length === 0 ? {} : {annotations};
	return canonicalJson({schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers, ...noted} as unknown as Json);
}
