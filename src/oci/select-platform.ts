import type {Descriptor} from './descriptor.ts';
import type {Platform} from './image-config.ts';

/**
 * The manifest of an index for a platform: same system and architecture, and of several the one whose variant fits best.
 * As in Docker, arm64 without a variant is v8, arm without one v7, and an older arm variant runs on a newer one.
 */
export function selectPlatform<Entry extends Pick<Descriptor, 'platform'>>(
	manifests: readonly Entry[],
	wanted: Platform,
): Entry | undefined {
	let best: Entry | undefined;
	let bestScore = -1;
	for (const manifest of manifests) {
		const score = manifest.platform === undefined ? 0 : scoreOf(manifest.platform, wanted);
		if (score > bestScore) {
			best = manifest;
			bestScore = score;
		}
	}
	return best;
}

/** `os/architecture[/variant]`. */
export function printPlatform(platform: Platform): string {
	return [platform.os, platform.architecture, ...(platform.variant === undefined ? [] : [platform.variant])].join('/');
}

function scoreOf(found: Platform, wanted: Platform): number {
	if (found.os !== wanted.os || found.architecture !== wanted.architecture) return -1;
	const foundVariant = variantOf(found);
	const wantedVariant = variantOf(wanted);
	if (foundVariant === wantedVariant) return 100;
	const older = Number(foundVariant.slice(1));
	const newest = Number(wantedVariant.slice(1));
	if (found.architecture === 'arm' && older <= newest) return 10 + older;
	// amd64/v2 and later need processor features; the plain one runs everywhere.
	return found.architecture === 'amd64' && foundVariant === '' ? 10 : -1;
}

function variantOf(platform: Platform): string {
	if (platform.variant === undefined || platform.variant === '')
		return platform.architecture === 'arm64' ? 'v8' : platform.architecture === 'arm' ? 'v7' : '';
	return platform.architecture === 'amd64' && platform.variant === 'v1' ? '' : platform.variant;
}
