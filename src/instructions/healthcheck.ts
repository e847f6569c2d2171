import type {Source} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {badValue, missingArgument, tooManyArguments} from '../diagnostics/instruction.ts';
import type {Instruction} from '../language/ast.ts';
import type {Healthcheck} from '../oci/image-config.ts';
import {argumentList, checkArity} from './check-arguments.ts';
import {flagValue} from './check-flags.ts';
import {parseDuration, printDuration} from './duration.ts';
import type {FlagRule, InstructionDefinition} from './instruction.ts';
import {configChange} from './lowering.ts';

export const healthcheck: InstructionDefinition = {
	keyword: 'HEALTHCHECK',
	shape: 'headed',
	heredocs: false,
	summary: 'sets how to find out whether a container works',
	flags: [
		durationFlag('interval'),
		durationFlag('timeout'),
		durationFlag('start-period'),
		durationFlag('start-interval'),
		{
			name: 'retries',
			value: 'required',
			mayBeEmpty: true,
			expected: (value) => (/^\+?\d{1,9}$/v.test(value) ? undefined : 'a number from 0 on'),
		},
	],
	check,
	lower: (instruction, state) => {
		const {args} = instruction;
		if (args.form !== 'headed') return undefined;
		const isNone = args.head.text.toUpperCase() === 'NONE';
		const words = argumentList(args.rest).map(({text}) => text);
		const Test = isNone ? ['NONE'] : [args.rest.form === 'json' ? 'CMD' : 'CMD-SHELL', ...words];
		const Healthcheck = {Test, ...(isNone ? {} : timing(instruction))};
		return configChange(state, {Healthcheck}, `HEALTHCHECK ${historyOf(Healthcheck)}`);
	},
};

function check(instruction: Instruction, source: Source): readonly Diagnostic[] {
	const {args, keyword, keywordSpan} = instruction;
	if (args.form !== 'headed') return [missingArgument({source, span: keywordSpan}, keyword, '`NONE` or `CMD` and a command')];
	const type = args.head.text.toUpperCase();
	const [first] = argumentList(args.rest);
	if (type === 'NONE') {
		return first === undefined ? [] : [tooManyArguments({source, span: first.span}, 'HEALTHCHECK NONE', 'no arguments')];
	}
	if (type !== 'CMD') {
		const problem = {message: `\`${args.head.text}\` is no kind of health check`, because: 'the kinds are `NONE` and `CMD`'};
		return [badValue({source, span: args.head.span}, problem)];
	}
	return checkArity(instruction, source, {least: 2, expected: 'a command behind `CMD`'});
}

function durationFlag(name: string): FlagRule {
	return {
		name,
		value: 'required',
		mayBeEmpty: true,
		expected: (value) => {
			const duration = parseDuration(value);
			return duration !== undefined && (duration === 0 || duration >= 1e6)
				? undefined
				: 'a duration such as `30s` or `1m30s`, at least `1ms`';
		},
	};
}

function timing(instruction: Instruction): Omit<Healthcheck, 'Test'> {
	const duration = (name: string) => parseDuration(flagValue(instruction, name) ?? '0') ?? 0;
	const all = {
		Interval: duration('interval'),
		Timeout: duration('timeout'),
		StartPeriod: duration('start-period'),
		StartInterval: duration('start-interval'),
		Retries: Number(flagValue(instruction, 'retries') ?? '0'),
	};
	return Object.fromEntries(Object.entries(all).filter(([, value]) => value > 0));
}

/** As BuildKit prints it: Go's `%+v` of the structure. */
function historyOf({Test, Interval = 0, Timeout = 0, StartPeriod = 0, StartInterval = 0, Retries = 0}: Healthcheck): string {
	const durations = Object.entries({Interval, Timeout, StartPeriod, StartInterval}).map(
		([name, value]) => `${name}:${printDuration(value)}`,
	);
	return `{Test:[${(Test ?? []).join(' ')}] ${durations.join(' ')} Retries:${Retries}}`;
}
