import type {Source} from '../core/source.ts';
import type {Diagnostic, Label} from '../diagnostics/diagnostic.ts';
import {keywords} from '../instructions/registry.ts';
import {parseBoxfile} from '../language/parse-boxfile.ts';
import {lint} from '../validation/lint.ts';
import {compile, type CompileOptions} from './compile.ts';

export interface CheckOptions extends CompileOptions {
	/** The line of the ignore file that leaves a path and everything below it out of the context. */
	readonly ignoredBy?: (path: string) => Label | undefined;
}

/** Everything there is to say about a file: what `compile` finds with the bases that are known, and the lint rules. */
export function check(source: Source, options: CheckOptions): readonly Diagnostic[] {
	const {diagnostics} = compile(source, options);
	const boxfile = parseBoxfile(source, keywords).value;
	return boxfile === undefined ? diagnostics : lint(boxfile, options, diagnostics);
}
