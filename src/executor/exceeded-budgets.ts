import {textOf, type RawPath} from '../core/raw-path.ts';
import type {Source} from '../core/source.ts';
import {budgetPath, budgetSetuid, budgetSize} from '../diagnostics/budget.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {compileGlob} from '../language/glob.ts';
import type {Budget} from '../plan/budget.ts';
import type {TarEntry} from '../tar/entry.ts';

/** What an image holds. */
export interface Holdings {
	/** Bytes of the uncompressed tars, bottom first, and the instruction that made each. */
	readonly layers: readonly {readonly size: number; readonly madeBy: string}[];
	/** Every entry of the merged file system by path. */
	readonly files: ReadonlyMap<RawPath, TarEntry>;
}

/** A diagnostic for each budget that is exceeded; `source` is where the budgets are written. */
export function exceededBudgets(budgets: readonly Budget[], source: Source, {layers, files}: Holdings): readonly Diagnostic[] {
	return budgets.flatMap((budget): readonly Diagnostic[] => {
		const label = {source, span: budget.span};
		switch (budget.kind) {
			case 'size': {
				const size = layers.reduce((sum, layer) => sum + layer.size, 0);
				return size <= budget.bytes ? [] : [budgetSize(label, {size, limit: budget, layers})];
			}
			case 'setuid': {
				const found = [...files.values()].filter(({type, mode}) => type === 'file' && (mode & 0o6000) !== 0);
				return found.length === 0 ? [] : [budgetSetuid(label, found.map(described).sort())];
			}
			case 'path': {
				const expression = compileGlob(budget.pattern);
				const found = [...files.keys()].filter((path) => expression?.test(path) === true);
				return found.length === 0 ? [] : [budgetPath(label, budget.text, found.map((path) => `/${textOf(path)}`).sort())];
			}
		}
	});
}

function described({path, mode}: TarEntry): string {
	return `/${textOf(path)} (mode ${mode.toString(8).padStart(4, '0')})`;
}
