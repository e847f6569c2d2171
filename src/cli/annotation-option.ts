import {BuildError} from '../diagnostics/build-error.ts';
import {cliBadValue} from '../diagnostics/cli.ts';
import {type Annotation, annotationTargets} from '../oci/annotations.ts';
import type {Platform} from '../oci/image-config.ts';
import {parsePlatform, platformText} from '../plan/platform.ts';

/** `--annotation [TARGET[[PLATFORM]]:]NAME=VALUE` as docker buildx has it; without a target it is the manifest's. */
export function parseAnnotation(text: string): Annotation {
	const [, given, platformName, name = '', value = ''] =
		/^(?:(manifest|index|manifest-descriptor|index-descriptor)(?:\[([^\]]*)\])?:)?([^=]+)=(.*)$/sv.exec(text) ?? [];
	const bad = (expected: string): BuildError => new BuildError(cliBadValue('--annotation', text, expected));
	if (name === '' || name.includes('[')) throw bad(`[TARGET:]NAME=VALUE, TARGET one of ${annotationTargets.join(', ')}`);
	const target = annotationTargets.find((candidate) => candidate === given) ?? 'manifest';
	if (platformName === undefined) return {target, name, value};
	const platform = parsePlatform(platformName);
	if (platform === undefined || target.startsWith('index'))
		throw bad('a platform such as linux/amd64 in the brackets of `manifest` or `manifest-descriptor`');
	return {target, platform, name, value};
}

/** Throws cli/bad-value for annotations of what the build does not make. */
export function checkAnnotations(annotations: readonly Annotation[], platforms: readonly Platform[]): void {
	for (const {target, platform, name, value} of annotations) {
		const text = `${target}${platform === undefined ? '' : `[${platformText(platform)}]`}:${name}=${value}`;
		if (target.startsWith('index') && platforms.length === 1)
			throw new BuildError(cliBadValue('--annotation', text, 'an index: give several platforms with --platform'));
		const isBuilt = platform === undefined || platforms.some((built) => platformText(built) === platformText(platform));
		if (!isBuilt) throw new BuildError(cliBadValue('--annotation', text, `one of the platforms ${platforms.map(platformText).join(', ')}`));
	}
}
