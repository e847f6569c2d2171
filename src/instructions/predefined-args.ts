import type {Platform} from '../oci/image-config.ts';
import {platformText} from '../plan/platform.ts';

const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];
const proxies = new Set([...proxyNames, ...proxyNames.map((name) => name.toLowerCase())]);

/** Build arguments that need no ARG: proxies, and settings meant for another builder. */
export function isPredefined(name: string): boolean {
	return proxies.has(name) || name.startsWith('BUILDKIT_') || name === 'SOURCE_DATE_EPOCH';
}

/** Proxies from the command line that no ARG or ENV of the stage sets: RUN sees them, the image and the keys do not. */
export function proxiesOf(
	buildArgs: Readonly<Record<string, string>>,
	environment: readonly (readonly [name: string, value: string])[],
): readonly (readonly [name: string, value: string])[] {
	const set = new Set(environment.map(([name]) => name));
	return Object.entries(buildArgs).filter(([name]) => proxies.has(name) && !set.has(name));
}

/** TARGETPLATFORM and the others that exist before the first FROM; a stage sees them after `ARG NAME`. */
export function platformArgs(target: Platform, stage: string): ReadonlyMap<string, string> {
	const of = (prefix: string): readonly (readonly [string, string])[] => [
		[`${prefix}PLATFORM`, platformText(target)],
		[`${prefix}OS`, target.os],
		[`${prefix}OSVERSION`, ''],
		[`${prefix}ARCH`, target.architecture],
		[`${prefix}VARIANT`, target.variant ?? ''],
	];
	return new Map([...of('BUILD'), ...of('TARGET'), ['TARGETSTAGE', stage]]);
}
