import type {Code} from '../diagnostics/code.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {Boxfile} from '../language/ast.ts';
import type {LintFacts} from './lint-facts.ts';

/** One rule of `boxbuild check`: a file in rules/, a line in rules/registry.ts, a page in grammar/rules. */
export interface LintRule {
	/** Kebab case; what it finds has the code `lint/NAME`. */
	readonly name: string;
	/** The check of BuildKit that finds the same. */
	readonly buildkit?: string;
	readonly severity: 'warning' | 'error';
	/** One line for the list of rules. */
	readonly summary: string;
	/** Found by the parser or the validation under this code; then `check` has little or nothing to add. */
	readonly reportedAs?: Code;
	/** Off unless `# check=experimental=...` names it, as with BuildKit. */
	readonly experimental?: true;
	readonly check: (boxfile: Boxfile, facts: LintFacts) => readonly Diagnostic[];
}
