import type {Json} from '../core/canonical-json.ts';
import type {Source, Span} from '../core/source.ts';
import type {Code} from './code.ts';

export type Severity = 'error' | 'warning' | 'note';

/** A place in a source text and what there is to say about it. */
export interface Label {
	readonly source: Source;
	readonly span: Span;
	readonly message?: string;
}

/** What is wrong, why, and what to do now; see the errors chapter of src/README.md. */
export interface Diagnostic {
	readonly code: Code;
	readonly severity: Severity;
	/** One line: lower case start, no full stop, present tense, user text in backticks. */
	readonly message: string;
	/** Where it is; absent when no source text is concerned. */
	readonly primary?: Label;
	readonly related?: readonly Label[];
	/** Observed facts only. */
	readonly because?: readonly string[];
	/** What to do now: a command or an edit. */
	readonly help?: readonly string[];
	/** What tests and tools match on. */
	readonly data?: Readonly<Record<string, Json>>;
}

/** What a pure stage returns; it never throws for bad input. `value` is absent when nothing useful could be made. */
export interface Outcome<T> {
	readonly value?: T;
	readonly diagnostics: readonly Diagnostic[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
	return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}
