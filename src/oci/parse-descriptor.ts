import type {Json} from '../core/canonical-json.ts';
import {parseDigest} from '../core/digest.ts';
import {isObject, isStringMap} from './bounded-json.ts';
import type {Descriptor} from './descriptor.ts';
import type {Platform} from './image-config.ts';

/** A descriptor of an untrusted document, or what is wrong with it. */
export function parseDescriptor(value: Json | undefined): Descriptor | string {
	if (!isObject(value)) return 'is not an object';
	const {mediaType, size, annotations, artifactType} = value;
	if (typeof mediaType !== 'string' || mediaType === '') return 'has no media type';
	const digest = typeof value['digest'] === 'string' ? parseDigest(value['digest']) : undefined;
	if (digest === undefined) return 'has a digest that is not `sha256:` and 64 lower-case hex digits';
	if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return 'has a size that is not a number of bytes';
	if (annotations !== undefined && annotations !== null && !isStringMap(annotations)) return 'has annotations that are not strings';
	const platform = parsePlatform(value['platform']);
	return {
		mediaType,
		digest,
		size,
		...(isStringMap(annotations) ? {annotations} : {}),
		...(platform === undefined ? {} : {platform}),
		...(typeof artifactType === 'string' && artifactType !== '' ? {artifactType} : {}),
	};
}

function parsePlatform(value: Json | undefined): Platform | undefined {
	if (!isObject(value)) return undefined;
	const {os, architecture, variant} = value;
	if (typeof os !== 'string' || typeof architecture !== 'string') return undefined;
	return {os, architecture, ...(typeof variant === 'string' && variant !== '' ? {variant} : {})};
}
