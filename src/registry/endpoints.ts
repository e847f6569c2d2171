import type {Reference} from '../oci/reference.ts';
import type {RegistriesConfig} from './settings.ts';
import type {ConfiguredRegistry} from './registries-conf.ts';

/** A place that may have what a reference names. */
export interface Endpoint {
	/** `host[:port]` */
	readonly host: string;
	/** Below `/v2/`. */
	readonly repository: string;
	/** `host/repository`; for messages. */
	readonly name: string;
	readonly isMirror: boolean;
	readonly insecure: boolean;
}

/** What is asked for. */
export type Use = 'pull-tag' | 'pull-digest' | 'push';

/** Where the registry of a name really is: Docker Hub's does not have the host of its names. */
function homeOf(location: string): string {
	return location.replace(/^(?:index\.)?docker\.io(?=\/|$)/v, 'registry-1.docker.io');
}

/**
 * Where to go for a reference, in order: mirrors for pulls, the registry itself last, and alone for pushes. What the person's own configuration says
 * about a host counts more than registries.conf of the machine. `blocked` is the file that forbids the name.
 */
export function endpointsOf(
	reference: Pick<Reference, 'registry' | 'repository'>,
	use: Use,
	{config, machine}: {readonly config: RegistriesConfig; readonly machine: readonly ConfiguredRegistry[]},
): {readonly endpoints: readonly Endpoint[]; readonly blocked?: string} {
	const {registry, repository} = reference;
	const name = `${registry}/${repository}`;
	const own = Object.hasOwn(config, registry) ? config[registry] : undefined;
	const found = longestMatch(name, machine);
	if (own === undefined && found?.blocked === true) return {endpoints: [], blocked: found.file};
	const insecureOf = (host: string): boolean => {
		const settings = Object.hasOwn(config, host) ? config[host] : undefined;
		return settings?.insecure ?? machine.some((entry) => entry.insecure && (entry.location || entry.prefix).split('/')[0] === host);
	};
	const endpoint = (location: string, isMirror: boolean, insecure: boolean): Endpoint => {
		const [given = '', ...path] = homeOf(location).split('/');
		const host = given.toLowerCase();
		return {host, repository: path.join('/'), name: location, isMirror, insecure: insecure || insecureOf(host)};
	};
	const home =
		own === undefined && found !== undefined
			? endpoint(relocated(name, found, found.location), false, found.insecure)
			: endpoint(name, false, own?.insecure ?? false);
	if (use === 'push') return {endpoints: [home]};
	const mirrors =
		own?.mirrors?.map((mirror) => endpoint(`${mirror.replace(/\/+$/v, '')}/${repository}`, true, false)) ??
		found?.mirrors
			.filter(({pulls}) => pulls === 'all' || (pulls === 'digest-only' ? use === 'pull-digest' : use === 'pull-tag'))
			.map((mirror) => endpoint(relocated(name, found, mirror.location), true, mirror.insecure)) ??
		[];
	return {endpoints: [...mirrors, home]};
}

/** The entry whose prefix is the longest one of the name; `*.host` means whatever is below that host (containers-registries.conf(5)). */
function longestMatch(name: string, machine: readonly ConfiguredRegistry[]): ConfiguredRegistry | undefined {
	let best: ConfiguredRegistry | undefined;
	for (const entry of machine) if (matchedLength(name, entry.prefix) > 0 && entry.prefix.length > (best?.prefix.length ?? 0)) best = entry;
	return best;
}

/** Characters of the name that a prefix covers; 0 when it does not match whole parts. */
function matchedLength(name: string, prefix: string): number {
	if (prefix.startsWith('*.')) {
		const [host = ''] = name.split('/');
		return host.replace(/:\d+$/v, '').endsWith(prefix.slice(1)) ? host.length : 0;
	}
	return name === prefix || name.startsWith(`${prefix}/`) ? prefix.length : 0;
}

function relocated(name: string, {prefix}: ConfiguredRegistry, location: string): string {
	return location === '' ? name : `${location}${name.slice(matchedLength(name, prefix))}`;
}

/** This machine itself: `localhost`, 127.0.0.0/8 and ::1, with or without a port. */
export function isLoopback(host: string): boolean {
	const name = host.replace(/:\d+$/v, '');
	return name === 'localhost' || name === '[::1]' || /^127(?:\.(?:25[0-5]|2[0-4]\d|1?\d{1,2})){3}$/v.test(name);
}
