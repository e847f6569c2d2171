import {badFlagValue, badValue} from '../diagnostics/instruction.ts';
import type {Instruction} from '../language/ast.ts';
import type {CopyOp} from '../plan/plan.ts';
import {argumentList} from './check-arguments.ts';
import {flagNamed, isFlagOn} from './check-flags.ts';
import {copyFlagValues, expandFlag, type Surroundings} from './copy-flag-values.ts';
import {expandArgument} from './expand-argument.ts';
import type {LowerContext, Lowered, StageState} from './instruction.ts';
import {lowerSource} from './lower-source.ts';
import {resolveDestination} from './resolve-path.ts';

export function lowerCopy(instruction: Instruction, state: StageState, context: LowerContext): Lowered | undefined {
	const items = argumentList(instruction.args);
	const last = items.at(-1);
	if (last === undefined) return undefined;
	const isAdd = instruction.keyword === 'ADD';
	const from = flagNamed(instruction, 'from');
	const origin = from?.value === undefined ? context.buildContext : context.copyFrom(from.value, from.valueSpan);
	const flags = copyFlagValues(instruction, {state, context});
	const checksum = isAdd ? expandFlag('checksum', instruction, {state, context}, () => undefined) : undefined;
	const remote = {
		keepGitDir: flagNamed(instruction, 'keep-git-dir') === undefined ? undefined : isFlagOn(instruction, 'keep-git-dir'),
		checksum: checksum === 'reported' ? undefined : checksum,
	};
	const sourceFlags = {parents: flags?.parents === true, ...(isAdd ? {remote} : {})};
	const written = items.slice(0, -1).map((item) => lowerSource(item, instruction, {state, context, flags: sourceFlags}));
	const target = expandArgument(last, state, context);
	if (origin === undefined || target === undefined || flags === undefined || checksum === 'reported') return undefined;
	if (!written.every((source) => source !== undefined)) return undefined;
	// Heredocs come last, wherever they stand.
	const ordered = [...written.filter(({source}) => source.kind !== 'inline'), ...written.filter(({source}) => source.kind === 'inline')];
	const destination = resolveDestination(state.config.WorkingDir, target);
	const unpack = isFlagOn(instruction, 'unpack');
	const op: CopyOp = {
		kind: 'copy',
		from: origin,
		sources: ordered.map(({source}) => source),
		destination,
		...flags,
		unpack: isAdd && unpack !== false,
		...(unpack === true ? {unpackRemote: true} : {}),
	};
	if (!isConsistent(op, {instruction, checksum, around: {state, context}})) return undefined;
	return {state, op, createdBy: history(instruction, op, [...ordered.map(({text}) => text), target])};
}

interface Given {
	readonly instruction: Instruction;
	readonly checksum: string | undefined;
	readonly around: Surroundings;
}

/** What can only be said of all arguments together. */
function isConsistent({sources, destination}: CopyOp, {instruction, checksum, around}: Given): boolean {
	const {source, report} = around.context;
	const unnamed = sources.find((candidate) => candidate.kind === 'url' && candidate.name === '__unnamed__');
	if (unnamed?.kind === 'url' && destination.endsWith('/')) {
		const message = 'the URL gives the file no name';
		report(badValue({source, span: unnamed.span}, {message, help: 'write the whole path of the file as the destination'}));
		return false;
	}
	const flag = flagNamed(instruction, 'checksum');
	const expected = checksum === undefined ? undefined : checksumProblem(checksum, sources);
	if (expected === undefined || flag === undefined) return true;
	report(badFlagValue({source, span: flag.valueSpan}, {name: 'checksum', value: checksum ?? '', expected}));
	return false;
}

function checksumProblem(checksum: string, sources: CopyOp['sources']): string | undefined {
	const [only] = sources;
	if (only === undefined || sources.length > 1 || (only.kind !== 'url' && only.kind !== 'git'))
		return 'given with exactly one URL or git repository as the source';
	if (only.kind === 'git') return /^[0-9a-f]{7,40}$/v.test(checksum) ? undefined : '7 to 40 hexadecimal digits of the commit';
	return /^sha256:[0-9a-f]{64}$/v.test(checksum) ? undefined : '`sha256:` and 64 hexadecimal digits';
}

/** COPY as the image's history has it: variables replaced, without `--from`. */
function history({keyword}: Instruction, {parents, chown, chmod}: CopyOp, words: readonly string[]): string {
	const flags = [
		...(parents === true ? ['--parents'] : []),
		...(chown === undefined ? [] : [`--chown=${chown}`]),
		...(chmod === undefined ? [] : [`--chmod=${chmod}`]),
	];
	return [keyword, ...flags, ...words].join(' ');
}
