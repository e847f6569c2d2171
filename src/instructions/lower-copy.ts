import {parseHeredocStart} from '../../grammar/heredoc.ts';
import type {Span} from '../core/source.ts';
import {badFlagValue, badValue, unsupportedForm} from '../diagnostics/instruction.ts';
import type {Argument, Instruction} from '../language/ast.ts';
import type {CopyOp, CopySource} from '../plan/plan.ts';
import {argumentList} from './check-arguments.ts';
import {flagNamed} from './check-flags.ts';
import {isMode} from './file-mode.ts';
import {chomp} from './heredoc-body.ts';
import {expandArgument, expandBody} from './expand-argument.ts';
import type {LowerContext, Lowered, StageState} from './instruction.ts';
import {isRemote} from './remote-source.ts';
import {climbsOut, resolveDestination, resolveIn} from './resolve-path.ts';
import {userProblem} from './user.ts';

interface CopyContext extends LowerContext {
	readonly unpack: boolean;
}

export function lowerCopy(instruction: Instruction, state: StageState, context: CopyContext): Lowered | undefined {
	const items = argumentList(instruction.args);
	const last = items.at(-1);
	if (last === undefined) return undefined;
	const from = flagNamed(instruction, 'from');
	const origin = from?.value === undefined ? ({kind: 'context'} as const) : context.copyFrom(from.value, from.valueSpan);
	const written = items.slice(0, -1).map((item) => lowerSource(item, instruction, {state, context}));
	const target = expandArgument(last, state, context);
	const owner = expandFlag('chown', instruction, {state, context});
	const mode = expandFlag('chmod', instruction, {state, context});
	if (origin === undefined || target === undefined || owner === 'reported' || mode === 'reported') return undefined;
	if (!written.every((source) => source !== undefined)) return undefined;
	const sources = written.map(({source}) => source);
	const destination = resolveDestination(state.config.WorkingDir, target);
	if (sources.length > 1 && !destination.endsWith('/')) {
		const because = `there are ${sources.length} sources, so \`${target}\` has to be a directory`;
		context.report(
			badValue(
				{source: context.source, span: last.span},
				{message: 'the destination does not end with `/`', because, help: `write \`${target}/\``},
			),
		);
		return undefined;
	}
	const flags = {...(owner === undefined ? {} : {chown: owner}), ...(mode === undefined ? {} : {chmod: mode})};
	const op: CopyOp = {kind: 'copy', from: origin, sources, destination, ...flags, unpack: context.unpack};
	return {state, op, createdBy: history(instruction, op, [...written.map(({text}) => text), target])};
}

/** A source and how it was written, variables replaced. */
interface Written {
	readonly text: string;
	readonly source: CopySource;
}

interface Surroundings {
	readonly state: StageState;
	readonly context: CopyContext;
}

function lowerSource(item: Argument, {args, heredocs}: Instruction, {state, context}: Surroundings): Written | undefined {
	const start = args.form === 'json' ? undefined : parseHeredocStart(item.text);
	const heredoc = heredocs.find(({name}) => name === start?.name);
	if (heredoc !== undefined) {
		const body = chomp(heredoc);
		const content = heredoc.expand ? expandBody({text: body, span: heredoc.span}, state, context) : body;
		return content === undefined ? undefined : {text: `<<${heredoc.name}`, source: {kind: 'inline', name: heredoc.name, content}};
	}
	const path = expandArgument(item, state, context);
	if (path === undefined) return undefined;
	if (context.unpack && isRemote(path)) {
		const place = {source: context.source, span: item.span};
		if (!isRemote(item.text))
			context.report(unsupportedForm(place, 'ADD of a URL or a git repository', 'download it in a RUN, or put it into the build context'));
		return undefined;
	}
	// A relative path that climbs out stays as it is: whoever selects files refuses it, instead of taking another file of that name.
	const pattern = !path.startsWith('/') && climbsOut(path) ? path : resolveIn(undefined, path).slice(1);
	return {text: path, source: {kind: 'path', pattern, span: item.span}};
}

function expandFlag(name: 'chown' | 'chmod', instruction: Instruction, {state, context}: Surroundings): string | undefined | 'reported' {
	const flag = flagNamed(instruction, name);
	if (flag?.value === undefined) return undefined;
	const value = expandArgument({text: flag.value, span: flag.valueSpan}, state, context);
	if (value === undefined) return 'reported';
	const expected = name === 'chown' ? userProblem(value) && '`USER[:GROUP]`, names or numbers up to 4294967294' : modeProblem(value);
	if (expected === undefined) return value;
	const span: Span = flag.valueSpan;
	context.report(badFlagValue({source: context.source, span}, {name, value, expected}));
	return 'reported';
}

function modeProblem(value: string): string | undefined {
	return isMode(value) ? undefined : 'octal digits such as `0755`, or symbolic such as `u=rwX,go=rX`';
}

/** COPY as the image's history has it: variables replaced, without `--from`. */
function history({keyword}: Instruction, {chown, chmod}: CopyOp, words: readonly string[]): string {
	const flags = [...(chown === undefined ? [] : [`--chown=${chown}`]), ...(chmod === undefined ? [] : [`--chmod=${chmod}`])];
	return [keyword, ...flags, ...words].join(' ');
}
