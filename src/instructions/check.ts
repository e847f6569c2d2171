import type {Source} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {missingArgument, notBesideBudget} from '../diagnostics/instruction.ts';
import type {Instruction} from '../language/ast.ts';
import {budgetFlags, budgetsOf, isBudget} from './budget-flags.ts';
import {argumentList, isEmpty} from './check-arguments.ts';
import type {InstructionDefinition} from './instruction.ts';
import {checkCommand, commandFlags, lowerCommand} from './run-command.ts';

/** Two forms: a command, which may have RUN's flags, and budgets, which are flags of their own. */
export const check: InstructionDefinition = {
	keyword: 'CHECK',
	shape: 'json-or-text',
	heredocs: true,
	summary: 'fails the build when a command fails on the state so far or a budget is exceeded, and leaves no layer',
	flags: [...commandFlags, ...budgetFlags],
	check: checkForms,
	lower: (instruction, state, context) => {
		if (instruction.flags.some(isBudget)) return {state, op: {kind: 'budgets', budgets: budgetsOf(instruction)}};
		const command = lowerCommand(instruction, state, context);
		return command === undefined ? undefined : {state, ...command, op: {...command.op, discard: true}};
	},
};

function checkForms(instruction: Instruction, source: Source): readonly Diagnostic[] {
	const {args, flags, keyword, keywordSpan} = instruction;
	const budget = flags.find(isBudget);
	if (budget === undefined) {
		const missing = isEmpty(args)
			? [missingArgument({source, span: keywordSpan}, keyword, 'a command, or a budget such as `--max-size=120MB`')]
			: [];
		return [...missing, ...checkCommand(instruction, source)];
	}
	const others = flags.filter((flag) => !isBudget(flag)).map(({name, span}) => ({text: `\`--${name}\``, span}));
	const command = argumentList(args)
		.slice(0, 1)
		.map(({span}) => ({text: 'a command', span}));
	return [...others, ...command].map(({text, span}) => notBesideBudget({source, span}, text, {source, span: budget.span}));
}
