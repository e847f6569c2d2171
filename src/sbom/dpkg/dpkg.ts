import type {TarEntry} from '../../tar/entry.ts';
import type {DatabaseCataloger} from '../cataloger.ts';
import {type Paragraph, parseDeb822} from '../deb822.ts';
import {type FileVersion, type Report, readWhole, type VisibleFiles} from '../file-version.ts';
import type {ListedPackage} from '../listed-package.ts';
import {findCopyright, isCopyright, licencesOf} from './copyright.ts';

const sizeLimit = 32 * 1024 * 1024;
const mostParagraphs = 200_000;

/** Debian and its descendants: dpkg's status file, and the status files that images without dpkg have (one for each package). */
export const dpkgCataloger: DatabaseCataloger = {
	kind: 'database',
	name: 'dpkg',
	matches: ({path}) => path.includes('var/lib/dpkg/status') && /(?:^|\/)var\/lib\/dpkg\/status(?:\.d\/[^\/]+(?<!\.md5sums))?$/v.test(path),
	describes: (entry: TarEntry) => isCopyright(entry),
	list: (file, _, report) => listStatus(file, report),
	describe(listed, files: VisibleFiles, report) {
		const file = findCopyright(listed, files);
		return file === undefined ? listed : {...listed, licences: licencesOf(file, report)};
	},
};

function listStatus(file: FileVersion, report: Report): readonly ListedPackage[] {
	const bytes = readWhole(file, sizeLimit, report);
	if (bytes === undefined) return [];
	const {paragraphs, badLine, isCut} = parseDeb822(new TextDecoder().decode(bytes), mostParagraphs);
	if (isCut) report(file, `it has more than ${mostParagraphs} paragraphs`);
	if (badLine !== undefined) report(file, `its line ${badLine} is neither a field nor the continuation of one`);
	return paragraphs.flatMap((paragraph, index) => {
		const listed = packageOf(paragraph, file);
		if (typeof listed === 'string') report(file, `its paragraph ${index + 1} ${listed}`);
		return listed === undefined || typeof listed === 'string' ? [] : [listed];
	});
}

/** States in which files of a package are there (dpkg(1), package states); one of which only configuration files are left is not installed. */
const installed = new Set(['half-installed', 'unpacked', 'half-configured', 'triggers-awaited', 'triggers-pending', 'installed']);

/** A package, undefined for one that is not installed, or what is wrong. */
function packageOf(paragraph: Paragraph, {path}: FileVersion): ListedPackage | string | undefined {
	const status = paragraph.get('status');
	if (status !== undefined) {
		const state = status.split(/\s+/v)[2] ?? '';
		if (state === 'not-installed' || state === 'config-files') return undefined;
		if (!installed.has(state)) return 'has a status that dpkg does not know';
	}
	const name = paragraph.get('package') ?? '';
	const version = paragraph.get('version') ?? '';
	if (name === '') return 'has no package name';
	if (version === '') return 'has no version';
	const architecture = paragraph.get('architecture');
	const supplier = paragraph.get('maintainer');
	const source = sourceOf(paragraph.get('source'), version);
	return {
		type: 'deb',
		name,
		version,
		licences: [],
		path,
		...(architecture === undefined ? {} : {architecture}),
		...(source === undefined ? {} : {source}),
		...(supplier === undefined ? {} : {supplier}),
	};
}

/** `NAME` or `NAME (VERSION)` (Debian Policy, 5.6.1). */
function sourceOf(text: string | undefined, version: string): ListedPackage['source'] {
	const [, name, own] = /^(\S+)(?:\s+\((.+)\))?$/v.exec(text ?? '') ?? [];
	return name === undefined ? undefined : {name, version: own ?? version};
}
