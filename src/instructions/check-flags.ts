import type {Source} from '../core/source.ts';
import {suggest} from '../core/suggest.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {badFlagValue, repeatedFlag, unknownFlag, unsupportedFlag} from '../diagnostics/instruction.ts';
import type {Flag, Instruction} from '../language/ast.ts';
import type {FlagRule} from './instruction.ts';

/** Unknown, repeated and malformed flags of an instruction, and those this version does not build. */
export function checkFlags(instruction: Instruction, rules: readonly FlagRule[], source: Source): readonly Diagnostic[] {
	const {keyword} = instruction;
	return instruction.flags.flatMap((flag, index) => {
		const rule = rules.find(({name}) => name === flag.name);
		if (rule === undefined) {
			const known = rules.map(({name}) => name);
			const span = {start: flag.span.start, end: Math.min(flag.span.end, flag.span.start + flag.name.length + 2)};
			return unknownFlag({source, span}, {name: flag.name, keyword, known, suggestion: suggest(flag.name, known)});
		}
		const first = instruction.flags.slice(0, index).find(({name}) => name === flag.name);
		if (first !== undefined && rule.repeatable !== true)
			return repeatedFlag({source, span: flag.span}, flag.name, {source, span: first.span});
		if (rule.unsupported === true) return isOff(flag, rule) ? [] : unsupportedFlag({source, span: flag.span}, `--${flag.name}`, keyword);
		return checkValue(flag, rule, source);
	});
}

function checkValue(flag: Flag, rule: FlagRule, source: Source): readonly Diagnostic[] {
	const value = flag.value ?? (rule.value === 'boolean' ? 'true' : '');
	if (flag.value === '' && rule.mayBeEmpty === true) return [];
	const expected =
		rule.value === 'boolean' ? (/^(?:true|false)$/iv.test(value) ? undefined : '`true` or `false`') : value === '' ? 'given' : undefined;
	const reason = expected ?? rule.expected?.(value);
	if (reason === undefined) return [];
	const suggestion = rule.meant?.(value);
	const meant = suggestion === undefined ? {} : {suggestion};
	return [badFlagValue({source, span: flag.valueSpan}, {name: flag.name, value, expected: reason, ...meant})];
}

function isOff(flag: Flag, rule: FlagRule): boolean {
	return rule.value === 'boolean' && flag.value?.toLowerCase() === 'false';
}

/** The raw value of a flag that has one. */
export function flagValue(instruction: Instruction, name: string): string | undefined {
	return flagNamed(instruction, name)?.value;
}

/** What a boolean flag says, in any letter case; undefined when it is not given. */
export function isFlagOn(instruction: Instruction, name: string): boolean | undefined {
	const flag = flagNamed(instruction, name);
	return flag === undefined ? undefined : flag.value?.toLowerCase() !== 'false';
}

/** The flag of this name; one with an empty value is as good as none. */
export function flagNamed(instruction: Instruction, name: string): Flag | undefined {
	return instruction.flags.findLast((candidate) => candidate.name === name && candidate.value !== '');
}
