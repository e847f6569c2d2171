import type {Outcome} from '../diagnostics/diagnostic.ts';
import {outputMalformed} from '../diagnostics/export.ts';
import {suggest} from '../core/suggest.ts';
import {parseReference} from '../oci/reference.ts';

export type OutputType = 'oci' | 'docker' | 'tar' | 'local' | 'registry';

/** How the layers of an output are compressed. */
export interface LayerForm {
	readonly compression: 'gzip' | 'zstd' | 'none';
	/** gzip: 1 to 9; zstd: 1 to 22. */
	readonly level: number;
	/** Layers of base images are compressed anew, too. */
	readonly force: boolean;
}

/** What `--output` asks for. */
export interface OutputSpec extends LayerForm {
	readonly type: OutputType;
	/** A path as given, or `-` for standard output; empty for `registry`. */
	readonly destination: string;
	/** `oci` only: an archive, or a directory. */
	readonly archive: boolean;
	/** Whole names of the image in the output; none: those of the build. */
	readonly names: readonly string[];
}

const types: readonly OutputType[] = ['oci', 'docker', 'tar', 'local', 'registry'];
const keys = ['type', 'dest', 'tar', 'name', 'compression', 'compression-level', 'force-compression'];
const levels = {gzip: {usual: 6, most: 9}, zstd: {usual: 3, most: 22}, none: {usual: 6, most: 9}} as const;
const plain = {compression: 'none', level: 6, force: false, names: []} as const;

/** `type=oci,dest=FILE,...`, or short: `-` (root file system tar on standard output), `DIR` (local). */
export function parseOutput(text: string): Outcome<OutputSpec> {
	if (text === '-') return made({type: 'tar', destination: '-', archive: true, ...plain});
	if (text !== '' && !text.includes('=')) return made({type: 'local', destination: text, archive: false, ...plain});
	const values = new Map<string, string>();
	for (const part of splitFields(text)) {
		const equals = part.indexOf('=');
		const key = equals === -1 ? part : part.slice(0, equals);
		if (equals === -1) return bad(text, `\`${part}\` has no \`=\``);
		if (!keys.includes(key)) return bad(text, `there is no option \`${key}\``, suggest(key, keys) ?? `one of ${keys.join(', ')}`);
		if (values.has(key)) return bad(text, `\`${key}\` is given twice`);
		values.set(key, part.slice(equals + 1));
	}
	return fromValues(text, values);
}

function fromValues(text: string, values: ReadonlyMap<string, string>): Outcome<OutputSpec> {
	const type = types.find((candidate) => candidate === values.get('type'));
	const givenType = values.get('type');
	if (type === undefined) {
		if (givenType === undefined) return bad(text, 'it has no `type`', `one of ${types.join(', ')}`);
		return bad(text, `there is no type \`${givenType}\``, suggest(givenType, types) ?? `one of ${types.join(', ')}`);
	}
	const archive = flagOf(values.get('tar'), true);
	if (archive === undefined) return bad(text, `\`tar\` is \`${values.get('tar')}\``, 'true or false');
	if (values.has('tar') && type !== 'oci') return bad(text, `\`tar\` means nothing for type \`${type}\``);
	const destination = values.get('dest') ?? '';
	if (type === 'registry' && values.has('dest')) return bad(text, '`dest` means nothing for type `registry`', 'name=NAME');
	if (destination === '' && type !== 'registry') return bad(text, 'it has no `dest`', 'dest=PATH');
	if (destination === '-' && (type === 'local' || !archive)) return bad(text, 'a directory cannot be written to standard output');
	const form = parseForm(type, values);
	if (typeof form === 'string') return bad(text, form);
	const names: string[] = [];
	for (const name of (values.get('name') ?? '').split(',').filter((part) => part !== '')) {
		const {value, diagnostics} = parseReference(name);
		if (value === undefined) return {diagnostics};
		names.push(value.name);
	}
	return made({type, destination, archive: archive && type !== 'local', ...form, names});
}

/** The form of layers (`tar`: of the file), or what is wrong with it. */
function parseForm(type: OutputType, values: ReadonlyMap<string, string>): LayerForm | string {
	const given = values.get('compression') ?? (type === 'oci' || type === 'registry' ? 'gzip' : 'none');
	if (given !== 'gzip' && given !== 'zstd' && given !== 'none') return `\`compression\` is \`${given}\`, expected is gzip, zstd or none`;
	if (given !== 'none' && (type === 'local' || type === 'docker')) return `\`compression=${given}\` means nothing for type \`${type}\``;
	const {usual, most} = levels[given];
	const text = values.get('compression-level') ?? String(usual);
	if (!/^\d+$/v.test(text) || Number(text) < 1 || Number(text) > most)
		return `\`compression-level\` is \`${text}\`, expected is 1 to ${most} for ${given}`;
	const force = flagOf(values.get('force-compression'), false);
	if (force === undefined) return `\`force-compression\` is \`${values.get('force-compression')}\`, expected is true or false`;
	return {compression: given, level: Number(text), force};
}

/** At commas, as in CSV: a field in double quotes may hold commas, a doubled quote is one. */
function splitFields(text: string): string[] {
	const fields = text.match(/(?:"(?:[^"]|"")*"|[^,"])+/gv) ?? [];
	return fields.map((field) => (field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}

function flagOf(text: string | undefined, usual: boolean): boolean | undefined {
	if (text === undefined) return usual;
	if (text === 'true' || text === '1') return true;
	return text === 'false' || text === '0' ? false : undefined;
}

function made(value: OutputSpec): Outcome<OutputSpec> {
	return {value, diagnostics: []};
}

function bad(text: string, problem: string, expected?: string): Outcome<never> {
	return {diagnostics: [outputMalformed(text, problem, expected)]};
}
