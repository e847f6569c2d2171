import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {Boxfile} from '../language/ast.ts';

/** One whole-file rule; a new one is a file and a line in registry.ts. */
export interface Rule {
	readonly name: string;
	readonly check: (boxfile: Boxfile) => readonly Diagnostic[];
}
