import type {FileCataloger} from './cataloger.ts';
import type {ListedPackage} from './listed-package.ts';

/** The fields come before the description, which may be long. */
const headLimit = 1024 * 1024;
const mostLicences = 50;

/** Installed Python distributions: METADATA of .dist-info directories (wheels), PKG-INFO of .egg-info directories, .egg-info files (distutils). */
export const pypiCataloger: FileCataloger = {
	kind: 'file',
	name: 'pypi',
	matches: ({path}) =>
		path.includes('-') && /[^\/]\.dist-info\/METADATA$|[^\/]\.egg-info(?:\/PKG-INFO)?$|(?:^|\/)EGG-INFO\/PKG-INFO$/v.test(path),
	read(file, report): readonly ListedPackage[] {
		const head = file.read(0, Math.min(file.size, headLimit));
		const fields = parseMetadata(new TextDecoder().decode(head));
		const name = fields.get('name')?.[0] ?? '';
		const version = fields.get('version')?.[0] ?? '';
		if (name === '' || version === '') {
			report(file, 'it has no name or no version');
			return [];
		}
		const supplier = ['author', 'author-email', 'maintainer', 'maintainer-email']
			.map((field) => fields.get(field)?.[0] ?? '')
			.find(isKnown);
		return [{type: 'pypi', name, version, licences: licencesOf(fields), path: file.path, ...(supplier === undefined ? {} : {supplier})}];
	},
};

/** Fields by lower-case name up to the first empty line (Python's core metadata specification); further lines of a value are left out. */
export function parseMetadata(text: string): ReadonlyMap<string, readonly string[]> {
	const fields = new Map<string, string[]>();
	for (const line of text.split(/\r?\n/v)) {
		if (line === '') break;
		const [, name = '', value = ''] = /^([A-Za-z][A-Za-z0-9\-]*):[ \t]*(.*)$/v.exec(line) ?? [];
		if (name === '') continue;
		const values = fields.get(name.toLowerCase()) ?? [];
		values.push(value.trim());
		fields.set(name.toLowerCase(), values);
	}
	return fields;
}

/** License-Expression is an SPDX expression; else what License says in one line, or else the classifiers. */
function licencesOf(fields: ReadonlyMap<string, readonly string[]>): readonly string[] {
	const expression = fields.get('license-expression')?.[0] ?? '';
	if (isKnown(expression)) return [expression];
	const text = fields.get('license')?.[0] ?? '';
	if (isKnown(text) && text.length <= 300) return [text];
	const classifiers = (fields.get('classifier') ?? []).filter((value) => value.startsWith('License ::'));
	return classifiers
		.map((value) => value.slice(value.lastIndexOf('::') + 2).trim())
		.filter(isKnown)
		.slice(0, mostLicences);
}

function isKnown(text: string): boolean {
	return text !== '' && text !== 'UNKNOWN';
}
