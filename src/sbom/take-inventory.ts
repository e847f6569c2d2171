import type {DiffId} from '../core/digest.ts';
import {compareRaw} from '../core/raw-path.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {Cataloger, FileCataloger} from './cataloger.ts';
import {catalogers} from './catalogers.ts';
import {DatabaseSearch} from './database-search.ts';
import {FileHistory, LayerChanges} from './file-history.ts';
import type {FileVersion, LayeredFiles} from './file-version.ts';
import type {FoundPackage, Inventory, ListedPackage} from './listed-package.ts';
import {readDistribution, tellsDistribution} from './os-release.ts';
import {keyOf, type Origin, Problems, type Search} from './search.ts';

/** Packages in all, so that no image fills the memory. */
const mostPackages = 200_000;

/**
 * Every package of an image, with the first layer from which on, without a gap, its version is listed. Files that later layers delete or
 * replace do not count. Throws only what `read` of a layer throws.
 */
export function takeInventory(layers: LayeredFiles): Inventory {
	const problems = new Problems();
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
	if (last !== undefined) problems.note('fatal', last, `the image lists more than ${mostPackages} packages`);
	const distribution = readDistribution(about.visible, (file, text) => problems.note('partial', file, text));
	return {
		...(distribution === undefined ? {} : {distribution}),
		layers: diffIds,
		packages: packages.sort(comparePackages),
		problems: problems.sorted(),
	};
}

function startSearch(cataloger: Cataloger, problems: Problems): Search {
	return cataloger.kind === 'database' ? new DatabaseSearch(cataloger, problems) : searchFiles(cataloger, problems);
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
				const listed = cataloger.read(newest, (file, text) => problems.note('partial', file, text));
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
