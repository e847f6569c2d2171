import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {baseMalformed, baseUnsupported} from '../diagnostics/base.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';
import {isStringMap, parseDocument} from './bounded-json.ts';
import type {Descriptor} from './descriptor.ts';
import {compressionOf, isForeignLayer, isManifestType, mediaTypes} from './media-types.ts';
import {parseDescriptor} from './parse-descriptor.ts';

/** An image manifest (OCI image-spec, manifest.md; Docker image manifest version 2, schema 2). */
export interface Manifest {
	readonly mediaType: string;
	readonly config: Descriptor;
	readonly layers: readonly Descriptor[];
	readonly annotations?: Readonly<Record<string, string>>;
}

const convert = 'convert it: `skopeo copy --format oci docker://IMAGE oci:DIR`';
const carryAll = 'use an image that carries all its layers; bases of Windows do not';

const what = 'the image manifest';

/** A manifest of untrusted bytes; `expectedType` is the media type its descriptor gave. */
export function parseManifest(bytes: Uint8Array, expectedType?: string): Outcome<Manifest> {
	const {value, diagnostics} = parseDocument(bytes, what);
	if (value === undefined) return {diagnostics};
	const {schemaVersion, annotations} = value;
	if (schemaVersion === 1) return unsupported('it is a Docker manifest of schema 1, without configuration and sizes', convert);
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
		const {artifactType} = value;
		const kind = typeof artifactType === 'string' && artifactType !== '' ? artifactType : config.mediaType;
		return unsupported(`it is an artifact of the type \`${kind}\`, not a container image`, 'name an image: artifacts have no file system');
	}
	const layers = parseLayers(value['layers']);
	if (layers.value === undefined) return {diagnostics: layers.diagnostics};
	return {value: {mediaType, config, layers: layers.value, ...(isStringMap(annotations) ? {annotations} : {})}, diagnostics: []};
}

function parseLayers(value: Json | undefined): Outcome<readonly Descriptor[]> {
	if (!Array.isArray(value)) return problem('it has no list of layers');
	const parsed: Descriptor[] = [];
	for (const [at, entry] of (value as readonly Json[]).entries()) {
		const layer = parseDescriptor(entry);
		if (typeof layer === 'string') return problem(`its layer ${at} ${layer}`);
		if (isForeignLayer(layer.mediaType)) return unsupported(`its layer ${at} may not be distributed: its bytes are elsewhere`, carryAll);
		if (compressionOf(layer.mediaType) === undefined) return problem(`its layer ${at} has the unknown media type \`${layer.mediaType}\``);
		parsed.push(layer);
	}
	return {value: parsed, diagnostics: []};
}

function problem(text: string): Outcome<never> {
	return {diagnostics: [baseMalformed(what, text)]};
}

function unsupported(text: string, help: string): Outcome<never> {
	return {diagnostics: [baseUnsupported(what, text, help)]};
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
