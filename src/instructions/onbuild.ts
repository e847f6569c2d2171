import type {Source} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {missingArgument, notAllowedHere} from '../diagnostics/instruction.ts';
import type {Instruction} from '../language/ast.ts';
import type {InstructionDefinition} from './instruction.ts';

const forbidden = new Set(['FROM', 'MAINTAINER', 'ONBUILD']);

export const onbuild: InstructionDefinition = {
	keyword: 'ONBUILD',
	shape: 'nested',
	heredocs: false,
	summary: 'keeps an instruction for the stages that start from this image',
	flags: [],
	check: ({args, keyword, keywordSpan}, source) => {
		// An ONBUILD inside an ONBUILD: its place is reported, and what it keeps is not looked at.
		if (args.form === 'text') return [];
		if (args.form !== 'nested') return [missingArgument({source, span: keywordSpan}, keyword, 'an instruction')];
		return checkKept(args.instruction, source);
	},
	lower: ({args}, state) => {
		if (args.form !== 'nested') return undefined;
		const trigger = triggerText(args.instruction);
		return {state: {...state, config: {...state.config, OnBuild: [...(state.config.OnBuild ?? []), trigger]}}, op: {kind: 'config'}};
	},
};

/** The instructions that ONBUILD cannot keep. */
export function checkKept({keyword, keywordSpan}: Instruction, source: Source): readonly Diagnostic[] {
	if (!forbidden.has(keyword)) return [];
	return [notAllowedHere({source, span: keywordSpan}, keyword, `ONBUILD cannot keep ${[...forbidden].join(', ')}`)];
}

/** What an image keeps of an ONBUILD: the instruction with its lines joined, because who reads it knows no `escape` directive, and its heredocs. */
export function triggerText({text, heredocs}: Instruction): string {
	const bodies = heredocs.map((heredoc) => `\n${heredoc.content}${heredoc.name}`);
	return text + bodies.join('');
}
