import type {Diagnostic} from './diagnostic.ts';

/** What every effect throws when it cannot do its work: one diagnostic for people and the cause for debugging. */
export class BuildError extends Error {
	override readonly name = 'BuildError';
	readonly diagnostics: readonly Diagnostic[];

	constructor(diagnostics: Diagnostic | readonly Diagnostic[], options?: {readonly cause?: unknown}) {
		const list: readonly Diagnostic[] = 'code' in diagnostics ? [diagnostics] : diagnostics;
		super(list.map((diagnostic) => `${diagnostic.code}: ${diagnostic.message}`).join('\n'), options);
		this.diagnostics = list;
	}
}
