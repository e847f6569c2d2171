import {existsSync, readFileSync} from 'node:fs';
import {suggest} from '../core/suggest.ts';
import {cliBadConfig} from '../diagnostics/cli.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {driverNames} from '../rootfs/driver.ts';
import type {RegistriesConfig} from '../registry/settings.ts';
import {expectedLimits, parseLimit} from './limit-options.ts';
import {type BadPlace, readRegistries} from './registries-config.ts';
import {userConfigPath} from './user-config-path.ts';

/** Defaults of the person who builds; options and environment variables win over them. */
export interface UserConfig {
	readonly store?: string;
	readonly driver?: string;
	readonly ids?: string;
	readonly jobs?: number;
	readonly memory?: string | number;
	readonly cpus?: number;
	readonly pids?: number;
	readonly registries?: RegistriesConfig;
}

/** The keys with one value. */
const allowed: Readonly<
	Record<Exclude<keyof UserConfig, 'registries'>, {readonly expected: string; readonly fits: (value: unknown) => boolean}>
> = {
	store: {expected: 'an absolute path', fits: (value) => typeof value === 'string' && value.startsWith('/')},
	driver: {expected: `auto, ${driverNames.join(', ')}`, fits: (value) => ['auto', ...driverNames].includes(String(value))},
	ids: {expected: 'auto, multi, single or root', fits: (value) => ['auto', 'multi', 'single', 'root'].includes(String(value))},
	jobs: {expected: 'a whole number from 1', fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1},
	memory: {expected: expectedLimits.memory, fits: (value) => parseLimit('memory', String(value)) !== undefined},
	cpus: {expected: expectedLimits.cpus, fits: (value) => parseLimit('cpus', String(value)) !== undefined},
	pids: {expected: expectedLimits.pids, fits: (value) => parseLimit('pids', String(value)) !== undefined},
};

/** Reads the configuration; no file is an empty configuration. Throws cli/bad-config with the place of what is wrong. */
export async function readUserConfig(env: Readonly<Record<string, string | undefined>>): Promise<UserConfig> {
	const path = userConfigPath(env);
	return existsSync(path) ? parseUserConfig(readFileSync(path, 'utf8')) : {};
}

/** Every key must be known and have a fitting value. */
export async function parseUserConfig(text: string): Promise<UserConfig> {
	const {isMap, isScalar, isSeq, parseDocument} = await import('./yaml.ts');
	const source = {name: 'config.yaml', text};
	const bad: BadPlace = (span, problem, help) => new BuildError(cliBadConfig({source, span}, problem, help));
	const document = parseDocument(text);
	const [error] = document.errors;
	if (error !== undefined)
		throw bad({start: error.pos[0], end: error.pos[1]}, error.message.split('\n')[0] ?? '', 'write it as YAML: `driver: overlay`');
	if (document.contents === null) return {};
	if (!isMap(document.contents))
		throw bad({start: 0, end: text.length}, 'it is not a list of keys and values', 'write it as YAML: `driver: overlay`');
	const config: Record<string, unknown> = {};
	for (const {key, value} of document.contents.items) {
		const name = isScalar(key) ? String(key.value) : '';
		const [start = 0, end = text.length] = (isScalar(key) ? key.range : undefined) ?? [];
		if (name === 'registries') {
			config[name] = readRegistries(value, {isMap, isScalar, isSeq}, {start, end}, bad);
			continue;
		}
		const rule = Object.hasOwn(allowed, name) ? allowed[name as keyof typeof allowed] : undefined;
		const names = [...Object.keys(allowed), 'registries'];
		const close = suggest(name, names);
		const keys = `the keys are ${names.join(', ')}`;
		if (rule === undefined)
			throw bad({start, end}, `there is no key \`${name}\``, close === undefined ? keys : `did you mean \`${close}\`?`);
		const given: unknown = isScalar(value) ? value.value : undefined;
		if (!rule.fits(given)) throw bad({start, end}, `\`${name}\` has a value that does not fit`, `give ${rule.expected}`);
		config[name] = given;
	}
	return config;
}
