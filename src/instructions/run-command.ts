import {parseHeredocStart} from '../../grammar/heredoc.ts';
import type {Source} from '../core/source.ts';
import {suggest} from '../core/suggest.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {badValue} from '../diagnostics/instruction.ts';
import type {Instruction} from '../language/ast.ts';
import type {ExecOp, Hints} from '../plan/plan.ts';
import {flagNamed, flagValue} from './check-flags.ts';
import {checkRunMounts} from './check-run-mounts.ts';
import {runEnvironment} from './environment.ts';
import {chomp} from './heredoc-body.ts';
import type {FlagRule, LowerContext, StageState} from './instruction.ts';
import {lowerRunMounts} from './lower-run-mounts.ts';
import {commandOf, inShell} from './lowering.ts';
import {proxiesOf} from './predefined-args.ts';
import {hintFlags, runHints} from './run-hints.ts';

const oneOf = (...values: readonly string[]): Pick<FlagRule, 'expected' | 'meant'> => ({
	expected: (value) => (values.includes(value) ? undefined : values.map((known) => `\`${known}\``).join(' or ')),
	meant: (value) => suggest(value, values),
});

/** The flags of an instruction that runs a command: RUN and CHECK. */
export const commandFlags: readonly FlagRule[] = [
	{name: 'network', value: 'required', ...oneOf('default', 'none', 'host')},
	{name: 'security', value: 'required', ...oneOf('sandbox', 'insecure')},
	{name: 'mount', value: 'required', repeatable: true},
	{name: 'device', value: 'required', repeatable: true, unsupported: true},
	...hintFlags,
];

/** What is wrong with the command and its mounts. */
export function checkCommand(instruction: Instruction, source: Source): readonly Diagnostic[] {
	const {args, keyword, keywordSpan} = instruction;
	const problems = checkRunMounts(instruction, source);
	if (args.form !== 'json' || args.items[0]?.text !== '') return problems;
	return [...problems, badValue({source, span: keywordSpan}, {message: `the program of ${keyword} is empty`})];
}

/** The operation of a command in the state of its stage; undefined when what is wrong with it has been reported. */
export function lowerCommand(
	instruction: Instruction,
	state: StageState,
	context: LowerContext,
): {readonly op: ExecOp; readonly hints: Hints} | undefined {
	const environment = runEnvironment(state);
	const proxies = proxiesOf(context.buildArgs, environment);
	const mounts = lowerRunMounts(instruction, state, context);
	if (mounts === undefined) return undefined;
	const security = flagNamed(instruction, 'security');
	const op: ExecOp = {
		kind: 'exec',
		...commandLine(instruction, state),
		env: [...environment, ...proxies],
		...(proxies.length === 0 ? {} : {unkeyed: proxies.map(([name]) => name)}),
		user: state.config.User ?? '',
		cwd: state.config.WorkingDir === undefined || state.config.WorkingDir === '' ? '/' : state.config.WorkingDir,
		network: flagValue(instruction, 'network') === 'none' ? 'none' : 'host',
		...(mounts.length === 0 ? {} : {mounts}),
		...(security?.value === 'insecure' ? {insecure: security.span} : {}),
	};
	return {op, hints: runHints(instruction)};
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
