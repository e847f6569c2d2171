import type {isMap, isScalar, isSeq} from 'yaml';
import type {Span} from '../core/source.ts';
import {suggest} from '../core/suggest.ts';
import type {BuildError} from '../diagnostics/build-error.ts';
import type {RegistriesConfig, RegistrySettings} from '../registry/settings.ts';

/** Makes the error for a place of the file. */
export type BadPlace = (span: Span, problem: string, help: string) => BuildError;

/** Of the YAML package, which is loaded only when there is a file. */
export interface NodeKinds {
	readonly isMap: typeof isMap;
	readonly isScalar: typeof isScalar;
	readonly isSeq: typeof isSeq;
}

const host = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d{1,5})?`;
const hostForm = new RegExp(`^${host}$`, 'v');
const mirrorForm = new RegExp(String.raw`^${host}(?:\/[a-z0-9]+(?:[._\-]+[a-z0-9]+)*)*$`, 'v');

const isFile = (value: unknown): boolean => typeof value === 'string' && value.startsWith('/');
const isMirror = (value: unknown): boolean => typeof value === 'string' && mirrorForm.test(value);
const keys: Readonly<Record<keyof RegistrySettings, {readonly expected: string; readonly fits: (value: unknown) => boolean}>> = {
	mirrors: {expected: 'a list of hosts, each with a port and a path where needed: `[mirror.example.org/hub]`', fits: isMirror},
	insecure: {expected: 'true or false', fits: (value) => typeof value === 'boolean'},
	ca: {expected: 'the absolute path of a file', fits: isFile},
	cert: {expected: 'the absolute path of a file', fits: isFile},
	key: {expected: 'the absolute path of a file', fits: isFile},
};
const example = 'write hosts with their settings: `registries: {registry.example.org: {mirrors: [mirror.example.org]}}`';

/** The value of `registries`: hosts as they stand in image names, with their settings. Throws what `bad` makes for the place of what is wrong. */
export function readRegistries(node: unknown, {isMap, isScalar, isSeq}: NodeKinds, place: Span, bad: BadPlace): RegistriesConfig {
	const spanOf = (part: unknown): Span => {
		const [start, end] = (isScalar(part) || isMap(part) || isSeq(part) ? part.range : undefined) ?? [place.start, place.end];
		return {start, end};
	};
	const nameOf = (part: unknown): string => (isScalar(part) ? String(part.value) : '');
	const scalarsOf = (key: string, value: unknown): readonly unknown[] => {
		if (key !== 'mirrors') return [isScalar(value) ? value.value : undefined];
		return isSeq(value) ? value.items.map((item) => (isScalar(item) ? item.value : undefined)) : [undefined];
	};
	const settingsOf = (name: string, value: unknown, at: Span): RegistrySettings => {
		if (!isMap(value)) throw bad(at, `the settings of \`${name}\` are not keys and values`, example);
		const settings: Record<string, unknown> = {};
		for (const {key: keyNode, value: given} of value.items) {
			const key = nameOf(keyNode);
			const rule = Object.hasOwn(keys, key) ? keys[key as keyof RegistrySettings] : undefined;
			const close = suggest(key, Object.keys(keys));
			const known = `the keys are ${Object.keys(keys).join(', ')}`;
			if (rule === undefined)
				throw bad(spanOf(keyNode), `a registry has no key \`${key}\``, close === undefined ? known : `did you mean \`${close}\`?`);
			const values = scalarsOf(key, given);
			if (!values.every(rule.fits)) throw bad(spanOf(keyNode), `\`${key}\` has a value that does not fit`, `give ${rule.expected}`);
			settings[key] = key === 'mirrors' ? values : values[0];
		}
		if ((settings['cert'] === undefined) !== (settings['key'] === undefined))
			throw bad(at, 'a certificate and its key are needed together', 'give both `cert` and `key`');
		return settings;
	};
	if (!isMap(node)) throw bad(place, '`registries` is not keys and values', example);
	const found: Record<string, RegistrySettings> = Object.create(null) as Record<string, RegistrySettings>;
	for (const {key, value} of node.items) {
		const name = nameOf(key);
		if (!hostForm.test(name)) throw bad(spanOf(key), `\`${name}\` is not a host name`, example);
		found[name] = settingsOf(name, value, spanOf(key));
	}
	return {...found};
}
