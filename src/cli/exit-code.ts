import type {Diagnostic} from '../diagnostics/diagnostic.ts';

/** What the program's exit code says (README, "Exit codes"). */
export const exitCodes = {done: 0, stepFailed: 1, badInput: 2, machine: 3, store: 4, bug: 70, interrupted: 130} as const;

/** Images whose bytes are not what they claim. */
const integrity = /^(?:base\/(?:damaged|damaged-compression|archive-refused)|registry\/wrong-digest)$/v;
const areas: Readonly<Record<string, number>> = {
	step: exitCodes.stepFailed,
	env: exitCodes.machine,
	store: exitCodes.store,
	internal: exitCodes.bug,
};

/** The exit code for a failure: that of its first error. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): number {
	const code = diagnostics.find((diagnostic) => diagnostic.severity === 'error')?.code ?? '';
	if (integrity.test(code)) return exitCodes.store;
	return areas[code.slice(0, code.indexOf('/'))] ?? exitCodes.badInput;
}
