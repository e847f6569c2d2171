import {posix} from 'node:path';
import type {Source, Span} from '../core/source.ts';
import {suggest} from '../core/suggest.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {badBase, circularStage, laterStage, undefinedStage} from '../diagnostics/stage.ts';
import {namedContext, type NamedContexts, shortName} from '../plan/named-context.ts';
import {type BoxfileReference, parseBoxfileReference} from '../plan/boxfile-reference.ts';
import {parseBaseReference} from '../plan/base-reference.ts';
import type {BaseReference} from '../plan/plan.ts';
import type {StageOutline} from './outline.ts';

/** What a name in FROM or `--from` means. */
export type Found =
	| {readonly kind: 'stage'; readonly stage: number}
	| {readonly kind: 'base'; readonly base: BaseReference}
	| {readonly kind: 'boxfile'; readonly reference: BoxfileReference}
	/** A directory that the command line gave this name. */
	| {readonly kind: 'context'; readonly name: string}
	| {readonly kind: 'problem'; readonly diagnostic: Diagnostic};

export interface Reference {
	readonly text: string;
	readonly source: Source;
	readonly span: Span;
	/** The stage it stands in. */
	readonly stage: number;
	readonly use: 'from' | 'copy';
	/** Those of the command line: they win over stages. */
	readonly contexts: NamedContexts;
	/** Where relative paths start, relative to the context directory of the build. */
	readonly directory: string;
}

/** Looks a name up among the stages above, and takes it as a base when no stage has it. `stageSource` is where the stages are written. */
export function findStage(reference: Reference, stages: readonly StageOutline[], stageSource: Source): Found {
	const {text, source, span, stage, use, contexts, directory} = reference;
	const context = namedContext(text, contexts);
	if (context?.kind === 'base') return context;
	if (context !== undefined)
		return use === 'copy' ? {kind: 'context', name: shortName(text)} : {kind: 'base', base: {kind: 'dir', path: context.path}};
	const place = {source, span};
	const problem = (diagnostic: Diagnostic): Found => ({kind: 'problem', diagnostic});
	const above = stages.slice(0, stage).flatMap(({name}) => (name === undefined ? [] : [name.text]));
	// Of several stages with the name FROM means the last one above, `--from` the last one of the file (as BuildKit).
	const named = use === 'from' ? stages.slice(0, stage) : stages;
	const found = use === 'copy' && /^\d+$/v.test(text) ? Number(text) : indexOfName(text, named);
	if (found !== undefined) {
		const declared = stages[found];
		if (declared === undefined) return problem(undefinedStage(place, text, {above}));
		if (found < stage) return {kind: 'stage', stage: found};
		if (use === 'copy' && found === stage) return problem(circularStage(place, text));
		if (use === 'copy') return problem(laterStage(place, text, {source: stageSource, span: (declared.name ?? declared.base).span}));
	}
	const other = parseBoxfileReference(text, directory);
	if (other !== undefined) return {kind: 'boxfile', reference: other};
	if (text.includes('#')) return problem(badBase(place, text, 'the path of another Boxfile begins with `./`, `../` or `/`'));
	const suggestion = typoOf(text, above);
	if (suggestion !== undefined) return problem(undefinedStage(place, text, {above, suggestion}));
	const base = parseBaseReference(text);
	if (base.kind === 'bad') return problem(badBase(place, text, base.reason));
	return {kind: 'base', base: 'path' in base ? {...base, path: fromContext(base.path, directory)} : base};
}

/** A path as it is from the context directory of the build. */
function fromContext(path: string, directory: string): string {
	return directory === '.' || path.startsWith('/') ? path : posix.join(directory, path);
}

/** Number of the last stage with a name. */
export function indexOfName(name: string, stages: readonly StageOutline[]): number | undefined {
	const index = stages.findLastIndex((stage) => stage.name?.text.toLowerCase() === name.toLowerCase());
	return index === -1 ? undefined : index;
}

/** A simple name that is nearly a stage is a typo, not an image; `alpine` beside a stage `alpine2` is none. */
function typoOf(text: string, above: readonly string[]): string | undefined {
	if (!/^[a-z0-9_\-]{3,}$/iv.test(text) || text === 'scratch' || text === 'host') return undefined;
	const suggestion = suggest(text, above);
	if (suggestion === undefined || suggestion.startsWith(text) || text.startsWith(suggestion)) return undefined;
	return suggestion;
}
