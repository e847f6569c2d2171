import type {FileCataloger} from '../cataloger.ts';
import type {FileVersion} from '../file-version.ts';
import type {ListedPackage} from '../listed-package.ts';
import {readBuildInfo} from './build-info.ts';

const mostModules = 20_000;
/** No ELF file is smaller. */
const leastSize = 64;

/** Programs written in Go: the modules that went into each, by the build information that the linker leaves in it. */
export const goCataloger: FileCataloger = {
	kind: 'file',
	name: 'go',
	matches: ({type, mode, size}) => type === 'hardlink' || (type === 'file' && (mode & 0o111) !== 0 && size >= leastSize),
	read(file, report): readonly ListedPackage[] {
		const info = readBuildInfo(file);
		if (info === undefined) return [];
		if (typeof info === 'string') {
			report(file, info);
			return [];
		}
		const modules = parseModules(info.modules);
		if (modules.length > mostModules) report(file, `it was made of more than ${mostModules} modules`);
		const standardLibrary = {name: 'stdlib', version: info.goVersion.split(' ')[0]?.replace(/^go/v, '') ?? ''};
		return [standardLibrary, ...modules.slice(0, mostModules)].map((module) => packageOf(module, file));
	},
};

export interface GoModule {
	readonly name: string;
	readonly version: string;
}

/** Lines `mod`, `dep` and `=>` (Go, runtime/debug): a module that another one replaces is not in the program. */
export function parseModules(text: string): readonly GoModule[] {
	const modules: GoModule[] = [];
	for (const line of text.split('\n')) {
		const [kind, name = '', version = ''] = line.split('\t');
		if (name === '') continue;
		// One that a directory of the builder's replaces keeps its name.
		if (kind === '=>' && /^[.\/]/v.test(name)) continue;
		if (kind === '=>') modules.pop();
		if (kind === 'mod' || kind === 'dep' || kind === '=>') modules.push({name, version});
	}
	return modules;
}

function packageOf({name, version}: GoModule, {path}: FileVersion): ListedPackage {
	const isKnown = version !== '' && version !== '(devel)';
	return {type: 'golang', name, licences: [], path, ...(isKnown ? {version} : {})};
}
