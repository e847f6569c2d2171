import type {Instruction} from '../language/ast.ts';
import type {Hints} from '../plan/plan.ts';
import {flagNamed, flagValue, isFlagOn} from './check-flags.ts';
import {meantDuration, parseDuration} from './duration.ts';
import type {FlagRule} from './instruction.ts';

const millisecond = 1e6;
const longest = 500 * 3600e9;

/** The flags of RUN that say when and how often the command runs. */
export const hintFlags: readonly FlagRule[] = [
	{
		name: 'retry',
		value: 'required',
		expected: (value) => (/^\d{1,3}$/v.test(value) && Number(value) <= 100 ? undefined : 'a whole number from 0 to 100'),
	},
	{
		name: 'timeout',
		value: 'required',
		expected: (value) => (isBetween(value, millisecond, longest) ? undefined : 'a duration such as `30s` or `1m30s`, from `1ms` to `500h`'),
		meant: meantDuration,
	},
	{
		name: 'cache-ttl',
		value: 'required',
		expected: (value) =>
			parseDuration(value) === 0 || isBetween(value, millisecond, Infinity)
				? undefined
				: 'a duration such as `24h` or `1m30s`, at least `1ms`, or `0`',
		meant: meantDuration,
	},
	{name: 'no-cache', value: 'boolean'},
];

/** What the flags of a RUN say; they have been checked. */
export function runHints(instruction: Instruction): Hints {
	const retry = Number(flagValue(instruction, 'retry') ?? '0');
	const limit = flagNamed(instruction, 'timeout');
	const ttl = flagValue(instruction, 'cache-ttl');
	return {
		noCache: isFlagOn(instruction, 'no-cache') === true,
		...(retry === 0 ? {} : {retry}),
		...(limit?.value === undefined ? {} : {timeout: {milliseconds: millisecondsOf(limit.value), text: limit.value, span: limit.span}}),
		...(ttl === undefined ? {} : {cacheTtl: millisecondsOf(ttl)}),
	};
}

function isBetween(value: string, least: number, most: number): boolean {
	const duration = parseDuration(value);
	return duration !== undefined && duration >= least && duration <= most;
}

function millisecondsOf(duration: string): number {
	return Math.ceil((parseDuration(duration) ?? 0) / millisecond);
}
