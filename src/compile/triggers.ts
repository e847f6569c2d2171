import type {Source} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {keywords} from '../instructions/registry.ts';
import type {Instruction} from '../language/ast.ts';
import {parseBoxfile} from '../language/parse-boxfile.ts';
import {checkKept} from '../instructions/onbuild.ts';
import {checkInstruction} from '../validation/known-instructions.ts';

/** An instruction and the text it stands in. */
export interface Placed {
	readonly source: Source;
	readonly instruction: Instruction;
}

/** Reads the ONBUILD triggers of a base; each is a source text of its own. */
export function readTriggers(
	texts: readonly string[],
	baseText: string,
): {readonly placed: readonly Placed[]; readonly diagnostics: readonly Diagnostic[]} {
	const placed: Placed[] = [];
	const diagnostics: Diagnostic[] = [];
	for (const text of texts) {
		const source = {name: `ONBUILD of ${baseText}`, text};
		const parsed = parseBoxfile(source, keywords);
		diagnostics.push(...parsed.diagnostics);
		for (const instruction of parsed.value?.instructions ?? []) {
			diagnostics.push(...checkInstruction(instruction, source), ...checkKept(instruction, source));
			placed.push({source, instruction});
		}
	}
	return {placed, diagnostics};
}
