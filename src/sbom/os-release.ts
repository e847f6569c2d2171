import type {RawPath} from '../core/raw-path.ts';
import {type Report, readWhole, type VisibleFiles} from './file-version.ts';
import type {Distribution} from './listed-package.ts';

/** In the order in which programs look (os-release(5)). */
const places = ['etc/os-release', 'usr/lib/os-release'] as readonly string[] as readonly RawPath[];
const sizeLimit = 64 * 1024;

export function tellsDistribution(path: RawPath): boolean {
	return places.includes(path);
}

/** Undefined where no file names one. /etc/os-release is most often a symlink to the other file. */
export function readDistribution(files: VisibleFiles, report: Report): Distribution | undefined {
	const file = places.map((path) => files.get(path)).find((found) => found !== undefined && found.link === undefined);
	const bytes = file === undefined ? undefined : readWhole(file, sizeLimit, report);
	return bytes === undefined ? undefined : parseOsRelease(new TextDecoder().decode(bytes));
}

/** The members that matter here; undefined without ID. */
export function parseOsRelease(text: string): Distribution | undefined {
	const values = new Map<string, string>();
	for (const line of text.split('\n')) {
		const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/v.exec(line.trim()) ?? [];
		if (name !== undefined && value !== undefined) values.set(name, unquote(value));
	}
	const id = values.get('ID')?.toLowerCase() ?? '';
	if (!/^[a-z0-9._\-]+$/v.test(id)) return undefined;
	const versionId = values.get('VERSION_ID');
	const prettyName = values.get('PRETTY_NAME');
	return {
		id,
		...(versionId === undefined || versionId === '' ? {} : {versionId}),
		...(prettyName === undefined || prettyName === '' ? {} : {prettyName}),
	};
}

/** Shell quoting without expansion. */
function unquote(text: string): string {
	const [, quoted] = /^"((?:[^"\\]|\\.)*)"$/v.exec(text) ?? [];
	if (quoted !== undefined) return quoted.replaceAll(/\\([$`"\\])/gv, '$1');
	return /^'([^']*)'$/v.exec(text)?.[1] ?? text.replaceAll(/\\(.)/gv, '$1');
}
