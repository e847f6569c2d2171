import type {DatabaseCataloger} from './cataloger.ts';
import {FileHistory, type LayerChanges} from './file-history.ts';
import type {FileVersion, Report, VisibleFiles} from './file-version.ts';
import type {ListedPackage} from './listed-package.ts';
import {packageRoot} from './package-root.ts';
import {keyOf, mostProblems, type Origin, type Problems, type Search} from './search.ts';

/** What one version of a database lists. */
interface Listing {
	readonly companion: FileVersion | undefined;
	readonly packages: readonly ListedPackage[];
	readonly problems: readonly string[];
}

/** Lists the databases at every layer that changes one; each version of a database is read once. */
export class DatabaseSearch implements Search {
	readonly #cataloger: DatabaseCataloger;
	readonly #problems: Problems;
	readonly #databases: FileHistory;
	readonly #details: FileHistory;
	#listings = new Map<FileVersion, Listing>();
	#found = new Map<string, readonly [ListedPackage, Origin]>();

	constructor(cataloger: DatabaseCataloger, problems: Problems) {
		this.#cataloger = cataloger;
		this.#problems = problems;
		this.#databases = new FileHistory((entry) => cataloger.matches(entry));
		this.#details = new FileHistory((entry) => cataloger.describes?.(entry) === true);
	}

	apply(changes: LayerChanges): void {
		this.#details.apply(changes);
		if (this.#databases.apply(changes).size === 0) return;
		// Those below concern the attribution only.
		this.#tell(this.#listings, 'partial');
		this.#listings = this.#list(this.#databases.visible);
		const here = {layer: changes.index, diffId: changes.files.diffId};
		const before = this.#found;
		this.#found = new Map();
		let isWhole = true;
		for (const {packages, problems} of this.#listings.values()) {
			isWhole &&= problems.length === 0;
			for (const listed of packages) {
				const key = keyOf(listed);
				this.#found.set(key, [listed, before.get(key)?.[1] ?? here]);
			}
		}
		// What an unreadable database lists, the one below it may have listed: the next readable one tells.
		if (!isWhole) for (const [key, entry] of before) if (!this.#found.has(key)) this.#found.set(key, entry);
	}

	*finish(): Generator<readonly [ListedPackage, Origin]> {
		this.#tell(this.#listings, 'fatal');
		const report: Report = (file, text) => this.#problems.note('partial', file, text);
		const {visible} = this.#details;
		for (const [listed, origin] of this.#found.values()) yield [this.#cataloger.describe?.(listed, visible, report) ?? listed, origin];
	}

	#list(files: VisibleFiles): Map<FileVersion, Listing> {
		const listings = new Map<FileVersion, Listing>();
		const companions = new Set([...files.keys()].map((path) => this.#cataloger.companion?.(path)));
		for (const [path, file] of files) {
			if (companions.has(path)) continue;
			const beside = this.#cataloger.companion?.(path);
			const companion = beside === undefined ? undefined : files.get(beside);
			const known = this.#listings.get(file);
			listings.set(file, known?.companion === companion && known !== undefined ? known : this.#read(file, companion));
		}
		return listings;
	}

	#read(file: FileVersion, companion: FileVersion | undefined): Listing {
		const problems: string[] = [];
		const report: Report = (_, text) => {
			if (problems.length < mostProblems) problems.push(text);
		};
		if (file.link !== undefined || companion?.link !== undefined)
			return {companion, packages: [], problems: ['it is a symlink, which is not followed']};
		return {companion, packages: this.#cataloger.list(file, companion, report), problems};
	}

	/** A root file system inside the image is not what the image is: its databases are never fatal. */
	#tell(listings: ReadonlyMap<FileVersion, Listing>, kind: 'fatal' | 'partial'): void {
		for (const [file, {problems}] of listings) {
			for (const text of problems) this.#problems.note(packageRoot(file.path) === '' ? kind : 'partial', file, text);
		}
	}
}
