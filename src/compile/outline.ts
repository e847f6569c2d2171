import type {Argument, Boxfile, Instruction} from '../language/ast.ts';
import {argumentList} from '../instructions/check-arguments.ts';

/** A stage as it stands in the file. */
export interface StageOutline {
	/** Position in the file, from 0. */
	readonly index: number;
	/** As written; compared without letter case. */
	readonly name?: Argument;
	readonly from: Instruction;
	readonly base: Argument;
	/** Everything after FROM. */
	readonly instructions: readonly Instruction[];
}

export interface Outline {
	/** The ARGs before the first FROM. */
	readonly globals: readonly Instruction[];
	readonly stages: readonly StageOutline[];
}

/** Cuts a file into stages. */
export function outlineOf({instructions}: Boxfile): Outline {
	const starts = instructions.flatMap(({keyword}, position) => (keyword === 'FROM' ? [position] : []));
	const globals = instructions.slice(0, starts[0] ?? instructions.length).filter(({keyword}) => keyword === 'ARG');
	const stages: StageOutline[] = [];
	for (const [index, start] of starts.entries()) {
		const from = instructions[start];
		const [base, , name] = from === undefined ? [] : argumentList(from.args);
		if (from === undefined) continue;
		stages.push({
			index,
			...(name === undefined ? {} : {name}),
			from,
			base: base ?? {text: '', span: from.keywordSpan},
			instructions: instructions.slice(start + 1, starts[index + 1]),
		});
	}
	return {globals, stages};
}
