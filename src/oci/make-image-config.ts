import {canonicalJson, type Json} from '../core/canonical-json.ts';
import type {DiffId} from '../core/digest.ts';
import type {History, ImageConfig, Platform, RunConfig} from './image-config.ts';

export interface ImageConfigParts {
	readonly platform: Platform;
	readonly config: RunConfig;
	readonly diffIds: readonly DiffId[];
	readonly history: readonly History[];
	/** RFC 3339; absent: the image says nothing of its time. */
	readonly created?: string;
	readonly author?: string;
}

/** The configuration of an image; only what is given appears in it. */
export function makeImageConfig(parts: ImageConfigParts): ImageConfig {
	const {platform, config, diffIds, history, created, author} = parts;
	return {
		...(created === undefined ? {} : {created}),
		...(author === undefined ? {} : {author}),
		architecture: platform.architecture,
		os: platform.os,
		...(platform.variant === undefined ? {} : {variant: platform.variant}),
		config,
		rootfs: {type: 'layers', diff_ids: diffIds},
		history,
	};
}

/** The document's bytes: same configuration, same bytes. */
export function printImageConfig(config: ImageConfig): string {
	return canonicalJson(config as unknown as Json);
}

/** Whole seconds since 1970 as RFC 3339 in UTC, without fraction. */
export function timestampOf(epoch: number): string {
	return new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');
}
