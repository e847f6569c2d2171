import type {DiffId} from '../core/digest.ts';
import {compareRaw} from '../core/raw-path.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {Cataloger, DatabaseCataloger, FileCataloger} from './cataloger.ts';
import {catalogers} from './catalogers.ts';
import {FileHistory, LayerChanges} from './file-history.ts';
import type {FileVersion, LayeredFiles, Report} from './file-version.ts';
import type {FoundPackage, Inventory, InventoryProblem, ListedPackage} from './listed-package.ts';
import {readDistribution, tellsDistribution} from './os-release.ts';

/** Packages in all, so that no image fills the memory. */
const mostPackages = 200_000;
/** Problems of lesser weight that are told in all, and those of one listing. */
const mostProblems = 1000;

/**
 * Every package of an image, with the first layer from which on, without a gap, its version is listed. Files that later layers delete or
 * replace do not count. Throws only what `read` of a layer throws.
 */
export function takeInventory(layers: LayeredFiles): Inventory {
	const problems = new Map<string, InventoryProblem>();
	const searches = catalogers.map((cataloger) => startSearch(cataloger, problems));
	const about = new FileHistory(({path}) => tellsDistribution(path));
	const diffIds: DiffId[] = [];
	for (const files of layers) {
		const changes = new LayerChanges(files, diffIds.length);
		diffIds.push(files.diffId);
		about.apply(changes);
		for (const search of searches) search.apply(changes);
	}
	const packages: FoundPackage[] = [];
	for (const search of searches) {
		for (const [listed, {layer, diffId}] of search.finish()) if (packages.length <= mostPackages) packages.push({...listed, layer, diffId});
	}
	const last = packages.length > mostPackages ? packages.pop() : undefined;
	if (last !== undefined) note(problems, 'fatal', last, `the image lists more than ${mostPackages} packages`);
	const distribution = readDistribution(about.visible, (file, text) => note(problems, 'partial', file, text));
	return {
		...(distribution === undefined ? {} : {distribution}),
		layers: diffIds,
		packages: packages.sort(comparePackages),
		problems: [...problems.values()].sort((one, other) => compareRaw(one.kind, other.kind) || compareRaw(one.path, other.path)),
	};
}

type Place = Pick<FileVersion, 'layer' | 'diffId' | 'path'>;
type Origin = Pick<FileVersion, 'layer' | 'diffId'>;

interface Search {
	apply(changes: LayerChanges): void;
	finish(): Iterable<readonly [ListedPackage, Origin]>;
}

type Problems = Map<string, InventoryProblem>;

function note(problems: Problems, kind: InventoryProblem['kind'], {path, layer, diffId}: Place, text: string): void {
	// Fatal ones are few: each search tells so many at most.
	if (kind === 'partial' && problems.size >= mostProblems) return;
	problems.set(`${layer} ${path} ${text}`, {kind, path, layer, diffId, text});
}

function startSearch(cataloger: Cataloger, problems: Problems): Search {
	return cataloger.kind === 'database' ? searchDatabases(cataloger, problems) : searchFiles(cataloger, problems);
}

/** Lists the databases at every layer that changes one. */
function searchDatabases(cataloger: DatabaseCataloger, problems: Problems): Search {
	const databases = new FileHistory((entry) => cataloger.matches(entry));
	const details = new FileHistory((entry) => cataloger.describes?.(entry) === true);
	let found = new Map<string, readonly [ListedPackage, Origin]>();
	/** Of the last listing; those of earlier ones concern the attribution only. */
	let last: readonly (readonly [FileVersion, string])[] = [];
	return {
		apply(changes) {
			details.apply(changes);
			if (databases.apply(changes).size === 0) return;
			for (const [file, text] of last) note(problems, 'partial', file, text);
			const reported: (readonly [FileVersion, string])[] = [];
			const before = found;
			found = new Map();
			const here = {layer: changes.index, diffId: changes.files.diffId};
			for (const listed of cataloger.list(databases.visible, (file, text) => {
				if (reported.length < mostProblems) reported.push([file, text]);
			})) {
				const key = keyOf(listed);
				found.set(key, [listed, before.get(key)?.[1] ?? here]);
			}
			// What an unreadable database lists, the one below it may have listed: the next readable one tells.
			if (reported.length > 0) for (const [key, entry] of before) if (!found.has(key)) found.set(key, entry);
			last = reported;
		},
		*finish() {
			for (const [file, text] of last) note(problems, 'fatal', file, text);
			const report: Report = (file, text) => note(problems, 'partial', file, text);
			const visible = details.visible;
			for (const [listed, origin] of found.values()) yield [cataloger.describe?.(listed, visible, report) ?? listed, origin];
		},
	};
}

/** Reads what is visible in the end, and older versions of a file as long as they tell of the same package. */
function searchFiles(cataloger: FileCataloger, problems: Problems): Search {
	const history = new FileHistory((entry: TarEntry) => cataloger.matches(entry));
	return {
		apply: (changes) => void history.apply(changes),
		*finish() {
			const seen = new Set<string>();
			for (const [newest, ...older] of history.chains()) {
				if (newest === undefined || newest.link !== undefined || seen.has(newest.identity)) continue;
				seen.add(newest.identity);
				const listed = cataloger.read(newest, (file, text) => note(problems, 'partial', file, text));
				if (listed.length > 0) yield* withOrigins(cataloger, listed, newest, older);
			}
		},
	};
}

function* withOrigins(
	cataloger: FileCataloger,
	listed: readonly ListedPackage[],
	newest: FileVersion,
	older: readonly FileVersion[],
): Generator<readonly [ListedPackage, Origin]> {
	const origins = new Map<string, Origin>(listed.map((one) => [keyOf(one), newest]));
	let open = new Set(origins.keys());
	for (const file of older) {
		if (open.size === 0 || file.link !== undefined) break;
		const there = new Set(cataloger.read(file, () => {}).map(keyOf));
		open = new Set([...open].filter((key) => there.has(key)));
		for (const key of open) origins.set(key, file);
	}
	for (const one of listed) yield [one, origins.get(keyOf(one)) ?? newest];
}

/** What makes two listings the same package; version strings never hold a NUL. */
function keyOf({type, name, version = '', architecture = '', epoch = 0}: ListedPackage): string {
	return [type, name, version, architecture, epoch].join('\0');
}

function comparePackages(one: FoundPackage, other: FoundPackage): number {
	const sides = [one, other].map(({type, name, version = '', architecture = '', path, layer}): readonly string[] => [
		type,
		name,
		version,
		architecture,
		path,
		String(layer).padStart(6, '0'),
	]);
	const [left = [], right = []] = sides;
	const at = left.findIndex((part, index) => part !== right[index]);
	return at === -1 ? 0 : compareRaw(left[at] ?? '', right[at] ?? '');
}
