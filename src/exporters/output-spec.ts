import type {Outcome} from '../diagnostics/diagnostic.ts';
import {outputMalformed} from '../diagnostics/export.ts';
import {suggest} from '../core/suggest.ts';

export type OutputType = 'oci' | 'docker' | 'tar' | 'local';

/** What `--output` asks for. */
export interface OutputSpec {
	readonly type: OutputType;
	/** A path as given, or `-` for standard output. */
	readonly destination: string;
	/** `oci` only: an archive, or a directory. */
	readonly archive: boolean;
	/** Name of the image in the output. */
	readonly name?: string;
	readonly compression: 'gzip' | 'none';
	/** 1 to 9. */
	readonly level: number;
}

const types: readonly OutputType[] = ['oci', 'docker', 'tar', 'local'];
const keys = ['type', 'dest', 'tar', 'name', 'compression', 'compression-level'];

/** `type=oci,dest=FILE,...`, or short: `-` (root file system tar on standard output), `DIR` (local). */
export function parseOutput(text: string): Outcome<OutputSpec> {
	if (text === '-') return made({type: 'tar', destination: '-', archive: true, compression: 'none', level: 6});
	if (text !== '' && !text.includes('=')) return made({type: 'local', destination: text, archive: false, compression: 'none', level: 6});
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
	const archive = flagOf(values.get('tar'));
	if (archive === undefined) return bad(text, `\`tar\` is \`${values.get('tar')}\``, 'true or false');
	if (values.has('tar') && type !== 'oci') return bad(text, `\`tar\` means nothing for type \`${type}\``);
	const destination = values.get('dest') ?? '';
	if (destination === '') return bad(text, 'it has no `dest`', 'dest=PATH');
	if (destination === '-' && (type === 'local' || !archive)) return bad(text, 'a directory cannot be written to standard output');
	const compression = values.get('compression') ?? (type === 'oci' ? 'gzip' : 'none');
	if (compression !== 'gzip' && compression !== 'none') return bad(text, `\`compression\` is \`${compression}\``, 'gzip or none');
	if (compression === 'gzip' && (type === 'local' || type === 'docker'))
		return bad(text, `\`compression=gzip\` means nothing for type \`${type}\``);
	const level = Number(values.get('compression-level') ?? 6);
	if (!Number.isInteger(level) || level < 1 || level > 9)
		return bad(text, `\`compression-level\` is \`${values.get('compression-level')}\``, '1 to 9');
	const name = values.get('name');
	return made({type, destination, archive: archive && type !== 'local', compression, level, ...(name === undefined ? {} : {name})});
}

/** At commas, as in CSV: a field in double quotes may hold commas, a doubled quote is one. */
function splitFields(text: string): string[] {
	const fields = text.match(/(?:"(?:[^"]|"")*"|[^,"])+/gv) ?? [];
	return fields.map((field) => (field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}

function flagOf(text: string | undefined): boolean | undefined {
	if (text === undefined || text === 'true' || text === '1') return true;
	return text === 'false' || text === '0' ? false : undefined;
}

function made(value: OutputSpec): Outcome<OutputSpec> {
	return {value, diagnostics: []};
}

function bad(text: string, problem: string, expected?: string): Outcome<never> {
	return {diagnostics: [outputMalformed(text, problem, expected)]};
}
