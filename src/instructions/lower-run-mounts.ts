import {badMount} from '../diagnostics/mount.ts';
import {unsupportedForm} from '../diagnostics/instruction.ts';
import type {Instruction} from '../language/ast.ts';
import type {CopyFrom} from '../plan/plan.ts';
import type {MountAttributes, RunMount} from '../plan/run-mount.ts';
import {checkWhole} from './check-run-mounts.ts';
import {expandArgument} from './expand-argument.ts';
import type {LowerContext, StageState} from './instruction.ts';
import {type GivenMount, readRunMount} from './read-run-mount.ts';
import {booleanOf, bytesOf, type MountOption, sharingModes} from './run-mount-options.ts';
import {resolveIn} from './resolve-path.ts';

interface Surroundings {
	readonly state: StageState;
	readonly context: LowerContext;
	/** How many agents the mounts before have. */
	readonly agents: number;
}

/** The mounts of a RUN, variables replaced; undefined when one of them has been reported. */
export function lowerRunMounts(instruction: Instruction, state: StageState, context: LowerContext): readonly RunMount[] | undefined {
	const {source, report} = context;
	const mounts: RunMount[] = [];
	let complete = true;
	for (const flag of instruction.flags) {
		if (flag.name !== 'mount') continue;
		const expand = (value: string, span: typeof flag.span): string | undefined => expandArgument({text: value, span}, state, context);
		const given = readRunMount(flag, {source, report, expand});
		const agents = mounts.filter(({kind}) => kind === 'ssh').length;
		const mount = given === undefined ? undefined : lowerMount(given, {state, context, agents});
		if (mount === undefined) complete = false;
		else mounts.push(mount);
	}
	return complete ? mounts : undefined;
}

function lowerMount(given: GivenMount, around: Surroundings): RunMount | undefined {
	const {context} = around;
	const problems = checkWhole(given, context.source);
	for (const problem of problems) context.report(problem);
	if (problems.length > 0) return undefined;
	const {type, span} = given;
	const source = relative(textOf(given, 'source') ?? '');
	switch (type) {
		case 'bind': {
			const target = targetOf(given, around);
			const from = originOf(given, context);
			if (target === undefined || from === undefined) return undefined;
			return {kind: type, target, from, source, writable: isWritable(given, false), span};
		}
		case 'cache': {
			const target = targetOf(given, around);
			const from = textOf(given, 'from') === undefined ? 'none' : originOf(given, context);
			if (target === undefined || from === undefined) return undefined;
			const sharing = sharingModes.find((mode) => mode === textOf(given, 'sharing')?.toLowerCase()) ?? 'shared';
			const id = textOf(given, 'id') ?? resolveIn(undefined, textOf(given, 'target') ?? '');
			const seed = from === 'none' ? {} : {from};
			return {
				kind: type,
				target,
				id,
				sharing,
				writable: isWritable(given, true),
				...seed,
				source,
				attributes: attributesOf(given, 0o755),
				span,
			};
		}
		case 'tmpfs': {
			const target = targetOf(given, around);
			const size = bytesOf(textOf(given, 'size') ?? '');
			if (target === undefined) return undefined;
			return {kind: type, target, ...(size === undefined || size === 0 ? {} : {size}), writable: isWritable(given, true), span};
		}
		case 'secret':
			return lowerSecret(given, around);
		case 'ssh': {
			const target = targetOf(given, around, `/run/buildkit/ssh_agent.${around.agents}`);
			if (target === undefined) return undefined;
			const id = textOf(given, 'id') ?? 'default';
			return {kind: type, id, target, required: isSet(given, 'required'), attributes: attributesOf(given, 0o600), span};
		}
	}
}

function lowerSecret(given: GivenMount, around: Surroundings): RunMount | undefined {
	const env = textOf(given, 'env');
	const id = textOf(given, 'id') ?? textOf(given, 'source') ?? baseName(textOf(given, 'target') ?? '');
	const needsFile = env === undefined || textOf(given, 'target') !== undefined;
	const target = needsFile ? targetOf(given, around, `/run/secrets/${baseName(id)}`) : undefined;
	if (needsFile && target === undefined) return undefined;
	return {
		kind: 'secret',
		id,
		...(target === undefined ? {} : {target}),
		...(env === undefined ? {} : {env}),
		required: isSet(given, 'required'),
		attributes: attributesOf(given, 0o400),
		span: given.span,
	};
}

/** The absolute target, WORKDIR when there is none; what the sandbox itself mounts is no place for mounts. */
function targetOf(given: GivenMount, {state, context}: Surroundings, otherwise?: string): string | undefined {
	const {type} = given;
	const option = given.options.get('target');
	const written = option?.value ?? otherwise ?? '';
	const target = resolveIn(state.config.WorkingDir, written);
	const place = {source: context.source, span: option?.span ?? given.span};
	if (target === '/' && written === '') {
		const because = 'without one it is mounted at WORKDIR, which is `/`';
		context.report(badMount(place, {message: `a mount of type \`${type}\` needs a target here`, because, help: 'add `target=PATH`'}));
		return undefined;
	}
	if (target === '/' || /^\/(?:proc|sys)(?:\/|$)|^\/dev$/v.test(target)) {
		context.report(
			badMount(place, {message: `nothing can be mounted at \`${target}\``, because: 'the sandbox of the step mounts it itself'}),
		);
		return undefined;
	}
	if (!target.includes('\0')) return target;
	context.report(badMount(place, {message: 'the target holds a NUL character'}));
	return undefined;
}

function originOf(given: GivenMount, context: LowerContext): CopyFrom | undefined {
	const option = given.options.get('from');
	if (option === undefined) return context.buildContext;
	const from = context.copyFrom(option.value, option.span);
	if (from?.kind !== 'base' || from.base.kind !== 'host') return from;
	context.report(
		unsupportedForm({source: context.source, span: option.span}, 'a mount from `host`', 'start the stage from `host` instead'),
	);
	return undefined;
}

/** `readonly` and `readwrite` say the same with opposite signs. */
function isWritable(given: GivenMount, otherwise: boolean): boolean {
	const [readOnly, writable] = (['readonly', 'readwrite'] as const).map((name) => booleanOf(textOf(given, name) ?? ''));
	return writable ?? (readOnly === undefined ? otherwise : !readOnly);
}

function attributesOf(given: GivenMount, mode: number): MountAttributes {
	const number = (name: MountOption): number => Number(textOf(given, name) ?? 0);
	const octal = textOf(given, 'mode');
	return {mode: octal === undefined ? mode : Number.parseInt(octal, 8), uid: number('uid'), gid: number('gid')};
}

function isSet(given: GivenMount, name: MountOption): boolean {
	return booleanOf(textOf(given, name) ?? '') === true;
}

function textOf({options}: GivenMount, name: MountOption): string | undefined {
	return options.get(name)?.value;
}

function relative(path: string): string {
	return resolveIn(undefined, path).slice(1);
}

function baseName(path: string): string {
	return path.replace(/\/+$/v, '').split('/').at(-1) ?? '';
}
