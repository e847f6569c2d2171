import type {Diagnostic} from './diagnostic.ts';

/** By file name, then position; those without a place come last; equal ones keep their order. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
	return diagnostics.toSorted((a, b) => {
		if (a.primary === undefined || b.primary === undefined) return Number(a.primary === undefined) - Number(b.primary === undefined);
		const [first, second] = [a.primary.source.name, b.primary.source.name];
		if (first !== second) return first < second ? -1 : 1;
		return a.primary.span.start - b.primary.span.start;
	});
}
