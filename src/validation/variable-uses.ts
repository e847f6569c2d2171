import type {Source, Span} from '../core/source.ts';
import type {Escape} from '../../grammar/keyword-table.ts';
import {argumentList} from '../instructions/check-arguments.ts';
import type {Argument, Instruction} from '../language/ast.ts';
import {expand} from '../language/expand.ts';

const expanding = new Set(['ADD', 'COPY', 'ENV', 'EXPOSE', 'LABEL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR']);

/** The arguments and flag values of an instruction in which variables are replaced. */
export function expandedArguments({keyword, args, flags}: Instruction): readonly Argument[] {
	if (!expanding.has(keyword)) return [];
	const values = flags.filter(({name}) => name === 'chown' || name === 'chmod');
	return [...argumentList(args), ...values.map(({value = '', valueSpan: span}) => ({text: value, span}))];
}

/** Variables of an argument that are not among the known ones and have no default, each once, with the place of their first use. */
export function unsetVariables(
	argument: Argument,
	known: ReadonlySet<string>,
	{source, escape}: {readonly source: Source; readonly escape: Escape},
): readonly {readonly name: string; readonly span: Span}[] {
	if (!argument.text.includes('$')) return [];
	const expansion = expand(argument.text, {lookup: (name) => (known.has(name) ? 'x' : undefined), escape});
	if (!expansion.ok) return [];
	return [...new Set(expansion.unset)].map((name) => ({name, span: placeOf(name, argument.span, source)}));
}

function placeOf(name: string, span: Span, {text}: Source): Span {
	const part = text.slice(span.start, span.end);
	for (const opening of [`\${${name}`, `$${name}`]) {
		const at = part.search(new RegExp(`${opening.replaceAll(/[$\{]/gv, '\\$&')}(?![\\p{L}\\p{Nd}_])`, 'v'));
		if (at === -1) continue;
		const close = opening.startsWith('${') ? part.indexOf('}', at) : -1;
		return {start: span.start + at, end: span.start + (close === -1 ? at + opening.length : close + 1)};
	}
	return span;
}
