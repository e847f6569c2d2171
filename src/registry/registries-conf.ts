import {existsSync, readdirSync} from 'node:fs';
import {homedir} from 'node:os';
import {BuildError} from '../diagnostics/build-error.ts';
import {registryBadConfig} from '../diagnostics/registry.ts';
import {readTextFile} from '../host/text-file.ts';
import type {Environment} from './settings.ts';

export interface ConfiguredMirror {
	/** `host[:port][/path]`, takes the place of the prefix. */
	readonly location: string;
	readonly insecure: boolean;
	readonly pulls: 'all' | 'digest-only' | 'tag-only';
}

/** One `[[registry]]` of containers-registries.conf(5). */
export interface ConfiguredRegistry {
	/** `host[:port][/path]` or `*.host`. */
	readonly prefix: string;
	/** Takes the place of the prefix; empty when the prefix stays. */
	readonly location: string;
	readonly insecure: boolean;
	readonly blocked: boolean;
	readonly mirrors: readonly ConfiguredMirror[];
	/** Where it stands. */
	readonly file: string;
}

/**
 * The registries of the machine's files, the person's own in place of the system's, files of registries.conf.d after them by name: the last entry for
 * a prefix counts. Short names are not looked up there: an image name here has one meaning. Throws registry/bad-config.
 */
export async function readRegistriesConf(env: Environment): Promise<readonly ConfiguredRegistry[]> {
	const byPrefix = new Map<string, ConfiguredRegistry>();
	for (const file of filesOf(env)) {
		const read = readTextFile(file);
		if (read === 'not-text') throw new BuildError(registryBadConfig(file, 'it is not a text'));
		if ('errno' in read) {
			if (read.errno === 'ENOENT' || read.errno === 'ENOTDIR') continue;
			throw new BuildError(registryBadConfig(file, `reading it ended with ${read.errno}`));
		}
		// The parser is loaded only where there is something to find.
		if (!/^\s*\[\[\s*registry\b/mv.test(read.text)) continue;
		for (const entry of await parseRegistriesConf(read.text, file)) byPrefix.set(entry.prefix, entry);
	}
	return [...byPrefix.values()];
}

function filesOf(env: Environment): readonly string[] {
	const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
	const own = `${given('XDG_CONFIG_HOME') ?? `${given('HOME') ?? homedir()}/.config`}/containers`;
	const system = '/etc/containers';
	const main =
		given('CONTAINERS_REGISTRIES_CONF') ?? [`${own}/registries.conf`, `${system}/registries.conf`].find((path) => existsSync(path));
	return [...(main === undefined ? [] : [main]), ...partsOf(system), ...partsOf(own)];
}

function partsOf(directory: string): readonly string[] {
	const path = `${directory}/registries.conf.d`;
	if (!existsSync(path)) return [];
	return readdirSync(path)
		.filter((name) => name.endsWith('.conf'))
		.sort()
		.map((name) => `${path}/${name}`);
}

/** Throws registry/bad-config for what is not TOML or has values of other kinds. */
export async function parseRegistriesConf(text: string, file: string): Promise<readonly ConfiguredRegistry[]> {
	const {parse} = await import('smol-toml');
	const bad = (problem: string): BuildError => new BuildError(registryBadConfig(file, problem));
	let document: Readonly<Record<string, unknown>>;
	try {
		document = parse(text);
	} catch (error) {
		throw new BuildError(registryBadConfig(file, error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''), {cause: error});
	}
	const tables = (value: unknown, what: string): readonly Readonly<Record<string, unknown>>[] => {
		if (value === undefined) return [];
		if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'object' && entry !== null))
			throw bad(`\`${what}\` is no list of tables`);
		return value as readonly Readonly<Record<string, unknown>>[];
	};
	const textOf = (table: Readonly<Record<string, unknown>>, key: string): string => {
		const value = table[key] ?? '';
		if (typeof value !== 'string') throw bad(`\`${key}\` is no text`);
		return value.replace(/\/+$/v, '');
	};
	const flagOf = (table: Readonly<Record<string, unknown>>, key: string): boolean => {
		const value = table[key] ?? false;
		if (typeof value !== 'boolean') throw bad(`\`${key}\` is neither true nor false`);
		return value;
	};
	return tables(document['registry'], 'registry').map((table) => {
		const location = textOf(table, 'location');
		const prefix = textOf(table, 'prefix') || location;
		if (prefix === '') throw bad('a `[[registry]]` has neither `prefix` nor `location`');
		const digestOnly = flagOf(table, 'mirror-by-digest-only');
		const mirrors = tables(table['mirror'], 'mirror').map((mirror) => {
			const pulls = textOf(mirror, 'pull-from-mirror') || (digestOnly ? 'digest-only' : 'all');
			if (pulls !== 'all' && pulls !== 'digest-only' && pulls !== 'tag-only')
				throw bad('`pull-from-mirror` is none of all, digest-only, tag-only');
			const place = textOf(mirror, 'location');
			if (place === '') throw bad('a `[[registry.mirror]]` has no `location`');
			return {location: place, insecure: flagOf(mirror, 'insecure'), pulls} as const;
		});
		return {prefix, location, insecure: flagOf(table, 'insecure'), blocked: flagOf(table, 'blocked'), mirrors, file};
	});
}
