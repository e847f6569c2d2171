import type {Platform} from '../oci/image-config.ts';
import {platformText} from '../plan/platform.ts';

const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];
const proxies = new Set([...proxyNames, ...proxyNames.map((name) => name.toLowerCase())]);

/** Build arguments that need no ARG: proxies, and settings meant for another builder. */
export function isPredefined(name: string): boolean {
	return proxies.has(name) || name.startsWith('BUILDKIT_') || name === 'SOURCE_DATE_EPOCH';
}

/** Proxies from the command line, in upper and lower case, that no ARG or ENV of the stage sets: RUN sees them, the image and the keys do not. */
export function proxiesOf(
	buildArgs: Readonly<Record<string, string>>,
	environment: readonly (readonly [name: string, value: string])[],
): readonly (readonly [name: string, value: string])[] {
	const set = new Set(environment.map(([name]) => name));
	const given = Object.entries(buildArgs).filter(([name]) => proxies.has(name));
	const both = given.flatMap(([name, value]) => [[name.toUpperCase(), value] as const, [name.toLowerCase(), value] as const]);
	return [...new Map([...both, ...given])].filter(([name]) => !set.has(name));
}

/** TARGETPLATFORM and the others that exist before the first FROM; a stage sees them after `ARG NAME`. */
export function platformArgs(target: Platform, stage: string, build: Platform = target): ReadonlyMap<string, string> {
	const of = (prefix: string, platform: Platform): readonly (readonly [string, string])[] => [
		[`${prefix}PLATFORM`, platformText(platform)],
		[`${prefix}OS`, platform.os],
		[`${prefix}OSVERSION`, ''],
		[`${prefix}ARCH`, platform.architecture],
		[`${prefix}VARIANT`, platform.variant ?? ''],
	];
	return new Map([...of('BUILD', build), ...of('TARGET', target), ['TARGETSTAGE', stage]]);
}
