import type {Json} from '../core/canonical-json.ts';
import {documentLimit, isObject, parseDocument} from '../oci/bounded-json.ts';
import type {FileCataloger} from './cataloger.ts';
import {readWhole} from './file-version.ts';
import type {ListedPackage} from './listed-package.ts';

/** Installed packages of Node: the package.json of each directory right below a node_modules (and of @SCOPE directories there). */
export const npmCataloger: FileCataloger = {
	kind: 'file',
	name: 'npm',
	matches: ({path}) => path.endsWith('/package.json') && /(?:^|\/)node_modules\/(?:@[^\/]+\/)?[^.@\/][^\/]*\/package\.json$/v.test(path),
	read(file, report): readonly ListedPackage[] {
		const bytes = readWhole(file, documentLimit, report);
		if (bytes === undefined) return [];
		const {value, diagnostics} = parseDocument(bytes, 'the package.json');
		if (value === undefined) {
			report(file, diagnostics[0]?.because?.[0] ?? 'it is not JSON');
			return [];
		}
		const {name, version} = value;
		if (typeof name !== 'string' || name === '' || typeof version !== 'string' || version === '') {
			report(file, 'it has no name or no version');
			return [];
		}
		const supplier = personOf(value['author']);
		return [
			{
				type: 'npm',
				name,
				version,
				licences: [...namesOf(value['license']), ...namesOf(value['licenses'])],
				path: file.path,
				...(supplier === undefined ? {} : {supplier}),
			},
		];
	},
};

/** An expression, an object with a `type`, or (in old packages) a list of these. */
function namesOf(value: Json | undefined): readonly string[] {
	if (typeof value === 'string') return value === '' ? [] : [value];
	if (Array.isArray(value)) return (value as readonly Json[]).flatMap((member) => (Array.isArray(member) ? [] : namesOf(member)));
	return isObject(value) && typeof value['type'] === 'string' ? namesOf(value['type']) : [];
}

function personOf(value: Json | undefined): string | undefined {
	const name = isObject(value) ? value['name'] : value;
	return typeof name === 'string' && name !== '' ? name : undefined;
}
