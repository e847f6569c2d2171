import type {Span} from '../core/source.ts';
import {badFlagValue} from '../diagnostics/instruction.ts';
import {parseExclude} from '../language/exclude.ts';
import type {Flag, Instruction} from '../language/ast.ts';
import type {CopyOp} from '../plan/plan.ts';
import {flagNamed, isFlagOn} from './check-flags.ts';
import {expandArgument} from './expand-argument.ts';
import {isMode} from './file-mode.ts';
import type {LowerContext, StageState} from './instruction.ts';
import {userProblem} from './user.ts';

export interface Surroundings {
	readonly state: StageState;
	readonly context: LowerContext;
}

type FlagFields = Pick<CopyOp, 'chown' | 'chmod' | 'exclude' | 'parents' | 'link'>;

/** The flags that COPY and ADD share, variables replaced; undefined when something is wrong and has been reported. */
export function copyFlagValues(instruction: Instruction, around: Surroundings): FlagFields | undefined {
	const chown = expandFlag('chown', instruction, around, ownerProblem);
	const chmod = expandFlag('chmod', instruction, around, modeProblem);
	const exclude = instruction.flags
		.filter(({name}) => name === 'exclude')
		.map((flag) => expandValue(flag, around, excludeProblem))
		.filter((value) => value !== undefined);
	if (chown === 'reported' || chmod === 'reported' || exclude.includes('reported')) return undefined;
	return {
		...(chown === undefined ? {} : {chown}),
		...(chmod === undefined ? {} : {chmod}),
		...(exclude.length === 0 ? {} : {exclude}),
		...(isFlagOn(instruction, 'parents') === true ? {parents: true} : {}),
		...(isFlagOn(instruction, 'link') === true ? {link: true} : {}),
	};
}

/** The value of a flag that is given once, undefined when it is empty; `problem` says what it has to be when it is wrong. */
export function expandFlag(
	name: string,
	instruction: Instruction,
	around: Surroundings,
	problem: (value: string) => string | undefined,
): string | undefined | 'reported' {
	const flag = flagNamed(instruction, name);
	return flag === undefined ? undefined : expandValue(flag, around, problem);
}

function expandValue(
	flag: Flag,
	{state, context}: Surroundings,
	problem: (value: string) => string | undefined,
): string | undefined | 'reported' {
	if (flag.value === undefined) return undefined;
	const value = expandArgument({text: flag.value, span: flag.valueSpan}, state, context);
	if (value === undefined) return 'reported';
	if (value === '') return undefined;
	const expected = problem(value);
	if (expected === undefined) return value;
	const span: Span = flag.valueSpan;
	context.report(badFlagValue({source: context.source, span}, {name: flag.name, value, expected}));
	return 'reported';
}

function ownerProblem(value: string): string | undefined {
	return userProblem(value) && '`USER[:GROUP]`, names or numbers up to 4294967294';
}

function modeProblem(value: string): string | undefined {
	return isMode(value) ? undefined : 'octal digits such as `0755`, or symbolic such as `u=rwX,go=rX`';
}

function excludeProblem(value: string): string | undefined {
	return parseExclude(value) === undefined ? 'a pattern as in an ignore file, such as `*.md` or `**/test`' : undefined;
}
