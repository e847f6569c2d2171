import type {Span} from '../core/source.ts';
import {badSubstitution, requiredVariable} from '../diagnostics/variable.ts';
import {expand, type Expansion} from '../language/expand.ts';
import type {LowerContext, StageState} from './instruction.ts';
import {environmentOf} from './environment.ts';

interface Raw {
	readonly text: string;
	readonly span: Span;
}

/** The argument as one word, variables replaced and quotes removed; undefined when it has been reported why not. */
export function expandArgument(argument: Raw, state: StageState, context: LowerContext): string | undefined {
	return run(argument, state, context)?.value;
}

/** The argument split into words after its variables are replaced. */
export function expandToWords(argument: Raw, state: StageState, context: LowerContext): readonly string[] | undefined {
	return run(argument, state, context)?.words;
}

/** Each argument as one word; undefined when one of them has been reported. */
export function expandAll(items: readonly Raw[], state: StageState, context: LowerContext): readonly string[] | undefined {
	const values = items.map((item) => expandArgument(item, state, context));
	return values.every((value) => value !== undefined) ? values : undefined;
}

/** A heredoc body: variables are replaced, quotes stay, and the escape is always a backslash (BuildKit's ExpandRaw). */
export function expandBody(body: Raw, state: StageState, context: LowerContext): string | undefined {
	return run(body, state, {...context, escape: '\\'}, true)?.value;
}

function run(argument: Raw, state: StageState, context: LowerContext, keepQuotes = false): Extract<Expansion, {ok: true}> | undefined {
	const environment = environmentOf(state);
	const expansion = expand(argument.text, {lookup: (name) => environment.get(name), escape: context.escape, keepQuotes});
	if (expansion.ok) return expansion;
	const place = {source: context.source, span: argument.span};
	const {kind, name = '', reason} = expansion.problem;
	context.report(kind === 'required' ? requiredVariable(place, name, reason) : badSubstitution(place, reason));
	return undefined;
}
