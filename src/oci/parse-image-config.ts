import type {Json} from '../core/canonical-json.ts';
import {type DiffId, parseDigest} from '../core/digest.ts';
import {baseMalformed} from '../diagnostics/base.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';
import {isObject, isStringList, isStringMap, parseDocument} from './bounded-json.ts';
import type {History, ImageConfig, RunConfig} from './image-config.ts';

type Check = (value: Json) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNameSet: Check = (value) => isObject(value) && Object.values(value).every((member) => member === null || isObject(member));
const isHealthcheck: Check = (value) =>
	isObject(value) &&
	(value['Test'] === undefined || value['Test'] === null || isStringList(value['Test'])) &&
	['Interval', 'Timeout', 'StartPeriod', 'StartInterval', 'Retries'].every(
		(name) => value[name] === undefined || Number.isFinite(value[name]),
	);

const runMembers: Readonly<Record<keyof RunConfig, Check>> = {
	User: isText,
	ExposedPorts: isNameSet,
	Env: isStringList,
	Entrypoint: isStringList,
	Cmd: isStringList,
	Volumes: isNameSet,
	WorkingDir: isText,
	Labels: isStringMap,
	StopSignal: isText,
	Healthcheck: isHealthcheck,
	OnBuild: isStringList,
	Shell: isStringList,
	ArgsEscaped: (value) => typeof value === 'boolean',
};

/** A configuration of untrusted bytes. Members that no image builder needs are dropped; null members count as absent (Docker writes them). */
export function parseImageConfig(bytes: Uint8Array): Outcome<ImageConfig> {
	const what = 'the image configuration';
	const problem = (text: string): Outcome<never> => ({diagnostics: [baseMalformed(what, text)]});
	const {value, diagnostics} = parseDocument(bytes, what);
	if (value === undefined) return {diagnostics};
	const {os, architecture, rootfs} = value;
	if (typeof os !== 'string' || typeof architecture !== 'string') return problem('it has no `os` and `architecture`');
	if (!isObject(rootfs) || rootfs['type'] !== 'layers') return problem('its `rootfs` is not of the type `layers`');
	const diffIds = rootfs['diff_ids'] ?? [];
	if (!isStringList(diffIds) || diffIds.some((id) => parseDigest(id) === undefined))
		return problem('its `diff_ids` are not all sha256 digests');
	const config = parseRunConfig(value['config']);
	if (typeof config === 'string') return problem(config);
	const history = parseHistory(value['history']);
	if (typeof history === 'string') return problem(history);
	return {
		value: {
			...texts(value, ['created', 'author']),
			architecture,
			os,
			...texts(value, ['variant']),
			...(config === undefined ? {} : {config}),
			rootfs: {type: 'layers', diff_ids: diffIds as readonly string[] as readonly DiffId[]},
			...(history === undefined ? {} : {history}),
		},
		diagnostics: [],
	};
}

function parseRunConfig(value: Json | undefined): RunConfig | undefined | string {
	if (value === undefined || value === null) return undefined;
	if (!isObject(value)) return 'its `config` is not an object';
	const found: Record<string, Json> = {};
	for (const [name, check] of Object.entries(runMembers)) {
		const member = value[name];
		if (member === undefined || member === null) continue;
		if (!check(member)) return `its member \`config.${name}\` has the wrong type`;
		found[name] = member;
	}
	return found as unknown as RunConfig;
}

function parseHistory(value: Json | undefined): readonly History[] | undefined | string {
	if (value === undefined || value === null) return undefined;
	if (!Array.isArray(value)) return 'its `history` is not a list';
	const found: History[] = [];
	for (const entry of value as readonly Json[]) {
		if (!isObject(entry)) return 'its `history` holds something else than objects';
		found.push({
			...texts(entry, ['created', 'created_by', 'author', 'comment']),
			...(entry['empty_layer'] === true ? {empty_layer: true} : {}),
		});
	}
	return found;
}

function texts<Name extends string>(value: Readonly<Record<string, Json>>, names: readonly Name[]): {readonly [name in Name]?: string} {
	const found: {[name in Name]?: string} = {};
	for (const name of names) {
		const member = value[name];
		if (typeof member === 'string') found[name] = member;
	}
	return found;
}
