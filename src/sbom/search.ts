import type {LayerChanges} from './file-history.ts';
import {compareRaw} from '../core/raw-path.ts';
import type {FileVersion} from './file-version.ts';
import type {InventoryProblem, ListedPackage} from './listed-package.ts';
import {packageRoot} from './package-root.ts';

/** The layer that brought a package. */
export type Origin = Pick<FileVersion, 'layer' | 'diffId'>;

/** The search for the packages of one ecosystem: every layer once, bottom first, then the end. */
export interface Search {
	apply(changes: LayerChanges): void;
	finish(): Iterable<readonly [ListedPackage, Origin]>;
}

/** What makes two listings the same package; no text of them holds a NUL. A database may move inside its root file system. */
export function keyOf({type, name, version = '', architecture = '', epoch = 0, path}: ListedPackage): string {
	const root = type === 'deb' || type === 'apk' || type === 'rpm' ? packageRoot(path) : '';
	return [type, name, version, architecture, epoch, root].join('\0');
}

/** Problems of lesser weight that are told in all, and those of one listing. */
export const mostProblems = 1000;

/** What cannot be read, each thing once. */
export class Problems {
	readonly #found = new Map<string, InventoryProblem>();

	note(kind: InventoryProblem['kind'], {path, layer, diffId}: Pick<FileVersion, 'path' | 'layer' | 'diffId'>, text: string): void {
		// Fatal ones are few: each search tells so many at most.
		if (kind === 'partial' && this.#found.size >= mostProblems) return;
		this.#found.set(`${layer} ${path} ${text}`, {kind, path, layer, diffId, text});
	}

	sorted(): readonly InventoryProblem[] {
		const all = [...this.#found.values()];
		return all.sort((one, other) => compareRaw(one.kind, other.kind) || compareRaw(one.path, other.path) || one.layer - other.layer);
	}
}
