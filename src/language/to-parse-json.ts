import type {Json} from '../core/canonical-json.ts';
import {singleSpaced} from './single-spaced.ts';
import type {Arguments, Boxfile, Instruction} from './ast.ts';

/** The syntax tree as `boxbuild parse --json` prints it; keywords in upper case, arguments as written. */
export function toParseJson(boxfile: Boxfile): Json {
	return {instructions: boxfile.instructions.map(instructionJson)};
}

function instructionJson({keyword, args, flags, heredocs, startLine, endLine}: Instruction): Json {
	return {
		name: keyword,
		args: [...argumentTexts(args)],
		flags: flags.map(({name, value}) => ({name, value: value ?? ''})),
		heredocs: heredocs.map(({name, content, expand, chomp, fd}) => ({name, content, expand, chomp, fd})),
		startLine,
		endLine,
	};
}

/** All arguments in order as text; a nested instruction is keyword, flags and arguments again. */
export function argumentTexts(args: Arguments): readonly string[] {
	switch (args.form) {
		case 'none':
			return [];
		case 'text':
		case 'json-mixed':
			return [args.text.text];
		case 'words':
		case 'json':
		case 'pairs':
			return args.items.map(({text}) => text);
		case 'old-pair':
			return args.value === undefined ? [args.name.text] : [args.name.text, args.value.text];
		case 'headed':
			return [args.head.text, ...argumentTexts(args.rest)];
		case 'nested':
			return [singleSpaced(args.instruction.text)];
	}
}
