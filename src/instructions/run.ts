import {parseHeredocStart} from '../../grammar/heredoc.ts';
import type {Source} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {badValue} from '../diagnostics/instruction.ts';
import type {Instruction} from '../language/ast.ts';
import type {ExecOp} from '../plan/plan.ts';
import {ownValue} from './arg.ts';
import {checkArity} from './check-arguments.ts';
import {flagValue} from './check-flags.ts';
import {checkRunMounts} from './check-run-mounts.ts';
import {runEnvironment} from './environment.ts';
import {chomp} from './heredoc-body.ts';
import type {FlagRule, InstructionDefinition, LowerContext, StageState} from './instruction.ts';
import {lowerRunMounts} from './lower-run-mounts.ts';
import {commandOf, inShell} from './lowering.ts';
import {proxiesOf} from './predefined-args.ts';
import {hintFlags, runHints} from './run-hints.ts';

const oneOf =
	(...values: readonly string[]): NonNullable<FlagRule['expected']> =>
	(value) =>
		values.includes(value) ? undefined : values.map((known) => `\`${known}\``).join(' or ');

export const run: InstructionDefinition = {
	keyword: 'RUN',
	shape: 'json-or-text',
	heredocs: true,
	summary: 'runs a command and keeps the changes it makes as a layer',
	flags: [
		{name: 'network', value: 'required', expected: oneOf('default', 'none', 'host')},
		{
			name: 'security',
			value: 'required',
			expected: oneOf('sandbox', 'insecure'),
			unsupportedValues: ['insecure'],
			unsupportedBecause:
				'a Boxfile never gets more rights than the sandbox gives, and no option of the command line (`--allow`) grants them',
		},
		{name: 'mount', value: 'required', repeatable: true},
		{name: 'device', value: 'required', repeatable: true, unsupported: true},
		...hintFlags,
	],
	check,
	lower: (instruction, state, context) => {
		const command = commandLine(instruction, state);
		const environment = runEnvironment(state);
		const proxies = proxiesOf(context.buildArgs, environment);
		const mounts = lowerRunMounts(instruction, state, context);
		if (mounts === undefined) return undefined;
		const op: ExecOp = {
			kind: 'exec',
			...command,
			env: [...environment, ...proxies],
			...(proxies.length === 0 ? {} : {unkeyed: proxies.map(([name]) => name)}),
			user: state.config.User ?? '',
			cwd: state.config.WorkingDir === undefined || state.config.WorkingDir === '' ? '/' : state.config.WorkingDir,
			network: flagValue(instruction, 'network') === 'none' ? 'none' : 'host',
			...(mounts.length === 0 ? {} : {mounts}),
		};
		return {state, op, hints: runHints(instruction), createdBy: `RUN ${[...declaredArgs(state, context), ...command.args].join(' ')}`};
	},
};

function check(instruction: Instruction, source: Source): readonly Diagnostic[] {
	const {args, keywordSpan} = instruction;
	const problems = [...checkArity(instruction, source, {least: 1, expected: 'a command'}), ...checkRunMounts(instruction, source)];
	if (args.form !== 'json' || args.items[0]?.text !== '') return problems;
	return [...problems, badValue({source, span: keywordSpan}, {message: 'the program of RUN is empty'})];
}

function commandLine({args, heredocs}: Instruction, {config}: StageState): Pick<ExecOp, 'args' | 'script'> {
	const [first] = heredocs;
	if (args.form !== 'text' || first === undefined) return {args: commandOf(args, config)};
	const {text} = args.text;
	if (parseHeredocStart(text) === undefined) {
		// The shell reads the heredocs itself, so it gets them as they stand.
		const bodies = heredocs.map(({content, name}) => `\n${content}${name}`);
		return {args: inShell(text + bodies.join(''), config)};
	}
	const body = chomp(first);
	if (!body.startsWith('#!')) return {args: inShell(body, config)};
	const path = `/dev/pipes/${first.name}`;
	return {args: [path], script: {path, content: body}};
}

/** `|2 A=1 B=2`: how BuildKit notes the build arguments a command can see. */
function declaredArgs(state: StageState, {buildArgs}: LowerContext): readonly string[] {
	const environment = new Map(runEnvironment(state));
	const names = [...new Set(state.args.map(([name]) => name))];
	if (names.length === 0) return [];
	return [`|${names.length}`, ...names.map((name) => `${name}=${environment.get(name) ?? ownValue(buildArgs, name) ?? ''}`)];
}
