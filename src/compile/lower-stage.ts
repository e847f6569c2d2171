import {redactUrl} from '../core/redact-url.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {LowerContext, Lowered, StageState} from '../instructions/instruction.ts';
import {instructionNamed} from '../instructions/registry.ts';
import type {Stage, Step} from '../plan/plan.ts';
import type {StageBody, StageReference} from './bodies.ts';
import {findStage} from './find-stage.ts';
import {singleSpaced} from '../language/single-spaced.ts';
import {emptyState, inherited, stateOfBase} from './initial-state.ts';
import type {LowerOptions} from './lower-stages.ts';
import {nameOf} from './needed-stages.ts';
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
	readonly done: ReadonlyMap<StageBody, Done>;
}

/** Appends the steps of a stage. A stage whose base is not known is gone through for what can be said of it, and is then undefined. */
export function lowerStage(body: StageBody, progress: Progress): Done | undefined {
	const {options, steps, done} = progress;
	const {unit, stage} = body;
	const {start, from, platform: own} = stage;
	const {report} = unit.context;
	const below = doneOf({found: start, source: unit.source, span: stage.base.span}, body, progress);
	const known = start.kind === 'base' ? stateOfBase(start.base, options.bases) : stateOfStage(below, start.kind);
	if (known === undefined || start.kind === 'unknown') {
		const place = {body, progress, report: (diagnostic: Diagnostic) => reportCertain(diagnostic, report)};
		body.placed.reduce((state, entry) => lowerOne(entry, state, place)?.state ?? state, emptyState);
		return undefined;
	}
	const index = done.size;
	const first = steps.length;
	// As BuildKit: `--platform` chooses among images; a stage keeps its platform, scratch has the one that is built for.
	const base = start.kind === 'base' ? start.base : ({kind: 'step', step: below?.last ?? 0} as const);
	const platform = below?.stage.platform ?? (base.kind === 'scratch' ? options.platform : (own ?? options.platform));
	const origin = {source: unit.source, span: from.span, text: singleSpaced(from.text)};
	steps.push({id: first, op: {kind: 'base', base, platform}, hints: {noCache: false}, origin, stage: index});
	let state = known;
	for (const entry of body.placed) {
		const lowered = lowerOne(entry, state, {body, progress, report});
		// After a problem it goes on with the state before, so that later lines are checked too.
		if (lowered === undefined) continue;
		state = lowered.state;
		steps.push(stepOf(lowered, entry, {id: steps.length, stage: index}));
	}
	const name = unit.context.buildContext.boxfile === undefined ? stage.name?.text : nameOf(body);
	const lowered: Stage = {
		index,
		...(name === undefined ? {} : {name}),
		platform,
		steps: Array.from({length: steps.length - first}, (_, offset) => first + offset),
		config: state.config,
		...(state.author === undefined ? {} : {author: state.author}),
		host: below === undefined ? base.kind === 'host' : below.stage.host,
	};
	return {stage: lowered, state, last: steps.length - 1};
}

function doneOf(reference: StageReference, {unit}: StageBody, {options, done}: Progress): Done | undefined {
	const meant = options.units.bodyOf(reference, unit);
	return meant === undefined ? undefined : done.get(meant);
}

/** Build arguments do not leave their Boxfile. */
function stateOfStage(below: Done | undefined, kind: 'stage' | 'boxfile' | 'unknown'): StageState | undefined {
	if (below === undefined) return undefined;
	const state = inherited(below.state);
	return kind === 'boxfile' ? {...state, args: []} : state;
}

interface Place {
	readonly body: StageBody;
	readonly progress: Progress;
	readonly report: (diagnostic: Diagnostic) => void;
}

function lowerOne({source, instruction}: Placed, state: StageState, {body, progress, report}: Place): Lowered | undefined {
	const {unit, stage} = body;
	const {contexts, directory} = unit.context;
	const context: LowerContext = {
		...unit.context,
		report,
		source,
		copyFrom: (text, span) => {
			if (text.includes('$')) return undefined;
			const found = findStage({text, source, span, stage: stage.index, use: 'copy', contexts, directory}, unit.stages, unit.source);
			if (found.kind === 'problem') report(found.diagnostic);
			if (found.kind === 'base' || found.kind === 'context') return found;
			const last = doneOf({found, source, span}, body, progress)?.last;
			return last === undefined ? undefined : {kind: 'step', step: last};
		},
	};
	return instructionNamed(instruction.keyword)?.lower?.(instruction, state, context);
}

function stepOf(
	{op, hints = {noCache: false}, createdBy}: Lowered,
	{source, instruction}: Placed,
	{id, stage}: {readonly id: number; readonly stage: number},
): Step {
	const {span} = instruction;
	const written = singleSpaced(instruction.text);
	const text = instruction.keyword === 'ADD' ? redactUrl(written) : written;
	const history = createdBy === undefined ? {} : {createdBy};
	return {id, parent: id - 1, op, hints, origin: {source, span, text}, ...history, stage};
}

/** Without the base's environment only what holds for every value of the variables can be said. */
function reportCertain(diagnostic: Diagnostic, report: (diagnostic: Diagnostic) => void): void {
	const {code, primary} = diagnostic;
	const text = primary?.source.text.slice(primary.span.start, primary.span.end) ?? '';
	if (code !== 'variable/required' && (code.startsWith('stage/') || code === 'variable/bad-substitution' || !text.includes('$'))) {
		report(diagnostic);
	}
}
