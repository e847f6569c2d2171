import {redactUrl} from '../core/redact-url.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {LowerContext, Lowered, StageState} from '../instructions/instruction.ts';
import {instructionNamed} from '../instructions/registry.ts';
import type {CopyFrom, Stage, Step} from '../plan/plan.ts';
import type {StageBody} from './bodies.ts';
import {findStage, type Found} from './find-stage.ts';
import {emptyState, inherited, stateOfBase} from './initial-state.ts';
import type {LowerOptions} from './lower-stages.ts';
import type {Placed} from './triggers.ts';

/** A lowered stage: its place in the plan, the state it ends with, and its last step. */
export interface Done {
	readonly stage: Stage;
	readonly state: StageState;
	readonly last: number;
}

export interface Progress {
	readonly options: LowerOptions;
	/** Grows with every step. */
	readonly steps: Step[];
	readonly done: ReadonlyMap<number, Done>;
}

/** Appends the steps of a stage. A stage whose base is not known is gone through for what can be said of it, and is then undefined. */
export function lowerStage(body: StageBody, progress: Progress): Done | undefined {
	const {options, steps, done} = progress;
	const {start, from, name, platform: own} = body.stage;
	const below = start.kind === 'stage' ? done.get(start.stage) : undefined;
	const known = start.kind === 'base' ? stateOfBase(start.base, options.bases) : below === undefined ? undefined : inherited(below.state);
	if (known === undefined || start.kind === 'unknown') {
		const place = {body, index: done.size, progress, report: (diagnostic: Diagnostic) => reportCertain(diagnostic, options)};
		body.placed.reduce((state, entry) => lowerOne(entry, state, place)?.state ?? state, emptyState);
		return undefined;
	}
	const index = done.size;
	const first = steps.length;
	const platform = own ?? below?.stage.platform ?? options.platform;
	const base = start.kind === 'base' ? start.base : ({kind: 'step', step: below?.last ?? 0} as const);
	const origin = {source: options.source, span: from.span, text: from.text};
	steps.push({id: first, op: {kind: 'base', base, platform}, hints: {noCache: false}, origin, stage: index});
	let state = known;
	for (const entry of body.placed) {
		const lowered = lowerOne(entry, state, {body, index, progress, report: options.context.report});
		// After a problem it goes on with the state before, so that later lines are checked too.
		if (lowered === undefined) continue;
		state = lowered.state;
		steps.push(stepOf(lowered, entry, {id: steps.length, stage: index}));
	}
	const stage: Stage = {
		index,
		...(name === undefined ? {} : {name: name.text}),
		platform,
		steps: Array.from({length: steps.length - first}, (_, offset) => first + offset),
		config: state.config,
		...(state.author === undefined ? {} : {author: state.author}),
		host: below === undefined ? base.kind === 'host' : below.stage.host,
	};
	return {stage, state, last: steps.length - 1};
}

interface Place {
	readonly body: StageBody;
	readonly index: number;
	readonly progress: Progress;
	readonly report: (diagnostic: Diagnostic) => void;
}

function lowerOne({source, instruction}: Placed, state: StageState, {body, progress, report}: Place): Lowered | undefined {
	const {options, done} = progress;
	const stages = options.bodies.map(({stage}) => stage);
	const context: LowerContext = {
		...options.context,
		report,
		source,
		copyFrom: (text, span) => {
			if (text.includes('$')) return undefined;
			const found = findStage(
				{text, source, span, stage: body.stage.index, use: 'copy', contexts: options.context.contexts},
				stages,
				options.source,
			);
			if (found.kind === 'problem') report(found.diagnostic);
			return originOf(found, done);
		},
	};
	return instructionNamed(instruction.keyword)?.lower?.(instruction, state, context);
}

function originOf(found: Found, done: ReadonlyMap<number, Done>): CopyFrom | undefined {
	if (found.kind === 'base') return {kind: 'base', base: found.base};
	if (found.kind === 'context') return found;
	const last = found.kind === 'stage' ? done.get(found.stage)?.last : undefined;
	return last === undefined ? undefined : {kind: 'step', step: last};
}

function stepOf(
	{op, hints = {noCache: false}, createdBy}: Lowered,
	{source, instruction}: Placed,
	{id, stage}: {readonly id: number; readonly stage: number},
): Step {
	const {span} = instruction;
	const text = instruction.keyword === 'ADD' ? redactUrl(instruction.text) : instruction.text;
	const history = createdBy === undefined ? {} : {createdBy};
	return {id, parent: id - 1, op, hints, origin: {source, span, text}, ...history, stage};
}

/** Without the base's environment only what holds for every value of the variables can be said. */
function reportCertain(diagnostic: Diagnostic, {context}: LowerOptions): void {
	const {code, primary} = diagnostic;
	const text = primary?.source.text.slice(primary.span.start, primary.span.end) ?? '';
	if (code !== 'variable/required' && (code.startsWith('stage/') || code === 'variable/bad-substitution' || !text.includes('$'))) {
		context.report(diagnostic);
	}
}
