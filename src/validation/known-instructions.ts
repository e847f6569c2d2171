import {suggest} from '../core/suggest.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {unknownInstruction} from '../diagnostics/syntax.ts';
import {checkFlags} from '../instructions/check-flags.ts';
import {instructionNamed, keywords} from '../instructions/registry.ts';
import type {Instruction} from '../language/ast.ts';
import type {Source} from '../core/source.ts';
import type {Rule} from './rule.ts';

const knownKeywords = keywords.map(({keyword}) => keyword);

/** Every keyword is an instruction, and each instruction accepts its flags and arguments. */
export const knownInstructions: Rule = {
	name: 'known-instructions',
	check: ({instructions, source}) => instructions.flatMap((instruction) => checkInstruction(instruction, source)),
};

/** What can be said of one instruction alone; of ONBUILD also what it keeps. */
export function checkInstruction(instruction: Instruction, source: Source): readonly Diagnostic[] {
	const {keyword, args} = instruction;
	const definition = instructionNamed(keyword);
	if (definition === undefined) return unknownKeyword(instruction, source);
	const inner = args.form === 'nested' ? checkInstruction(args.instruction, source) : [];
	return [...checkFlags(instruction, definition.flags, source), ...definition.check(instruction, source), ...inner];
}

/** The diagnostic for a keyword that no instruction has; empty for the others. */
export function unknownKeyword({keyword, keywordSpan}: Instruction, source: Source): readonly Diagnostic[] {
	if (instructionNamed(keyword) !== undefined) return [];
	return [unknownInstruction({source, span: keywordSpan}, keyword, suggest(keyword, knownKeywords))];
}
