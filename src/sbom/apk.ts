import type {DatabaseCataloger} from './cataloger.ts';
import {type FileVersion, type Report, readWhole} from './file-version.ts';
import {linesOf} from './lines.ts';
import type {ListedPackage} from './listed-package.ts';

const sizeLimit = 32 * 1024 * 1024;
const mostRecords = 200_000;

/** Alpine and its descendants: the list of installed packages, in its old and its new place. */
export const apkCataloger: DatabaseCataloger = {
	kind: 'database',
	name: 'apk',
	matches: ({path}) => path.endsWith('apk/db/installed') && /(?:^|\/)lib\/apk\/db\/installed$/v.test(path),
	list: (file, _, report) => listInstalled(file, report),
};

function listInstalled(file: FileVersion, report: Report): readonly ListedPackage[] {
	const bytes = readWhole(file, sizeLimit, report);
	if (bytes === undefined) return [];
	const found: ListedPackage[] = [];
	let fields = new Map<string, string>();
	let count = 0;
	const close = (): void => {
		if (fields.size === 0) return;
		count += 1;
		const listed = packageOf(fields, file);
		if (typeof listed === 'string') report(file, `its record ${count} ${listed}`);
		else found.push(listed);
		fields = new Map();
	};
	let number = 0;
	let badLine: number | undefined;
	for (const line of linesOf(new TextDecoder().decode(bytes))) {
		number += 1;
		if (count === mostRecords) {
			report(file, `it has more than ${mostRecords} records`);
			return found;
		}
		if (line === '') close();
		// One letter, a colon, a value (apk's installed database, version 2): files (F, R, a, Z, M) come after what is read here.
		else if (!/^[A-Za-z]:/v.test(line)) badLine ??= number;
		else if (!fields.has(line.slice(0, 1))) fields.set(line.slice(0, 1), line.slice(2));
	}
	close();
	if (badLine !== undefined) report(file, `its line ${badLine} is no field`);
	return found;
}

function packageOf(fields: ReadonlyMap<string, string>, {path}: FileVersion): ListedPackage | string {
	const name = fields.get('P') ?? '';
	const version = fields.get('V') ?? '';
	if (name === '') return 'has no package name';
	if (version === '') return 'has no version';
	const architecture = fields.get('A');
	const licence = fields.get('L') ?? '';
	const origin = fields.get('o');
	const supplier = fields.get('m');
	return {
		type: 'apk',
		name,
		version,
		licences: licence === '' ? [] : [licence],
		path,
		...(architecture === undefined ? {} : {architecture}),
		...(origin === undefined ? {} : {source: {name: origin, version}}),
		...(supplier === undefined ? {} : {supplier}),
	};
}
