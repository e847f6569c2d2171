import {resolve} from 'node:path';
import {suggest} from '../core/suggest.ts';
import {cliBadValue} from '../diagnostics/cli.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';
import type {ProvenanceMode} from '../provenance/provenance.ts';
import type {SbomFormat} from '../sbom/print-sbom.ts';

/** What `--sbom` asks for. */
export interface SbomOption {
	readonly format: SbomFormat;
	/** Absolute path of a file that gets the document as well. */
	readonly destination?: string;
}

/** What `--provenance` asks for. */
export interface ProvenanceOption {
	readonly mode: ProvenanceMode;
	/** URI of who runs the builder. */
	readonly builderId?: string;
	/** Absolute path of a file that gets the statement as well. */
	readonly destination?: string;
}

const sbomForm = 'true, false, spdx, cyclonedx, or format=spdx|cyclonedx and dest=FILE with a comma between';
const provenanceForm = 'true, false, or mode=min|max, builder-id=URI and dest=FILE with commas between';

/** `--sbom[=true|false|spdx|cyclonedx][,format=FORMAT][,dest=FILE]` as buildx takes it, and a choice of format; `true`: there was no value. Null: none is wanted. */
export function parseSbomOption(text: string | true): Outcome<SbomOption | null> {
	const refuse = (expected: string): Outcome<never> => ({diagnostics: [cliBadValue('--sbom', String(text), expected)]});
	const fields = readFields(text, ['format', 'dest', 'generator'], ['spdx', 'cyclonedx']);
	if (typeof fields === 'string') return refuse(fields === '' ? sbomForm : fields);
	const {switched, word, values} = fields;
	if (values.has('generator')) return refuse('no generator: packages are looked for by boxbuild itself');
	if (word !== undefined && values.has('format')) return refuse('one format');
	const format = word ?? values.get('format') ?? 'spdx';
	if (format !== 'spdx' && format !== 'cyclonedx') return refuse('format=spdx or format=cyclonedx');
	const destination = values.get('dest');
	if (switched === false) return fields.count > 1 ? refuse('nothing besides `false`') : {value: null, diagnostics: []};
	return {value: {format, ...(destination === undefined ? {} : {destination: resolve(destination)})}, diagnostics: []};
}

/** `--provenance[=true|false|min|max][,mode=min|max][,builder-id=URI][,dest=FILE]` as buildx takes it; the mode is min unless it is given. Null: none is wanted. */
export function parseProvenanceOption(text: string | true): Outcome<ProvenanceOption | null> {
	const refuse = (expected: string): Outcome<never> => ({diagnostics: [cliBadValue('--provenance', String(text), expected)]});
	const fields = readFields(text, ['mode', 'builder-id', 'dest', 'version'], ['min', 'max']);
	if (typeof fields === 'string') return refuse(fields === '' ? provenanceForm : fields);
	const {switched, word, values} = fields;
	if (word !== undefined && values.has('mode')) return refuse('one mode');
	if ((values.get('version') ?? 'v1') !== 'v1') return refuse('version=v1: there is no other');
	const mode = word ?? values.get('mode') ?? 'min';
	if (mode !== 'min' && mode !== 'max') return refuse('mode=min or mode=max');
	const builderId = values.get('builder-id');
	if (builderId !== undefined && !/^[A-Za-z][A-Za-z0-9+.\-]*:\S+$/v.test(builderId)) return refuse('a URI as builder-id');
	const destination = values.get('dest');
	if (switched === false) return fields.count > 1 ? refuse('nothing besides `false`') : {value: null, diagnostics: []};
	return {
		value: {
			mode,
			...(builderId === undefined ? {} : {builderId}),
			...(destination === undefined ? {} : {destination: resolve(destination)}),
		},
		diagnostics: [],
	};
}

interface Fields {
	readonly count: number;
	/** `true` or `false` stands among them. */
	readonly switched?: boolean;
	/** The bare word among them. */
	readonly word?: string;
	readonly values: ReadonlyMap<string, string>;
}

/** The fields of an option, or what it takes instead (empty: its whole form). */
function readFields(text: string | true, keys: readonly string[], words: readonly string[]): Fields | string {
	const values = new Map<string, string>();
	const bare: string[] = [];
	const parts = text === true ? ['true'] : text.split(',');
	for (const part of parts) {
		const equals = part.indexOf('=');
		if (equals === -1) {
			bare.push(part);
			continue;
		}
		const [key, value] = [part.slice(0, equals), part.slice(equals + 1)];
		const close = suggest(key, keys);
		if (!keys.includes(key)) return close === undefined ? '' : `\`${close}\`, not \`${key}\``;
		if (values.has(key)) return `\`${key}\` once`;
		if (value === '') return `a value after \`${key}=\``;
		values.set(key, value);
	}
	const [word] = bare;
	if (bare.length > 1 || (word !== undefined && !['true', 'false', '1', '0', ...words].includes(word))) return '';
	if (word === undefined) return {count: parts.length, values};
	if (words.includes(word)) return {count: parts.length, word, values};
	return {count: parts.length, switched: word === 'true' || word === '1', values};
}
