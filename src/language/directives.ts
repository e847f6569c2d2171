import {physicalLineAt} from '../../grammar/logical-line.ts';
import type {Escape} from '../../grammar/keyword-table.ts';
import type {Source} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {badEscapeDirective, repeatedDirective} from '../diagnostics/syntax.ts';
import type {Directive} from './ast.ts';

const known = new Set(['syntax', 'escape', 'check']);

export interface Directives {
	readonly directives: readonly Directive[];
	readonly escape: Escape;
	/** Where the file's own text begins (behind a byte order mark). */
	readonly start: number;
	readonly diagnostics: readonly Diagnostic[];
}

/** Reads the parser directives: comments of the form `# name=value` before anything else; `syntax` is accepted and has no effect. */
export function readDirectives(source: Source): Directives {
	const {text} = source;
	const start = text.startsWith('\uFEFF') ? 1 : 0;
	const directives: Directive[] = [];
	const diagnostics: Diagnostic[] = [];
	let escape: Escape = '\\';
	for (let offset = start; offset < text.length;) {
		const line = physicalLineAt(text, offset);
		const match = /^[ \t]*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*?)\s*$/dv.exec(text.slice(line.start, line.end));
		const name = match?.[1]?.toLowerCase() ?? '';
		if (match === null || !known.has(name)) break;
		const [from, to] = match.indices?.[2] ?? [0, 0];
		const directive = {name, value: match[2] ?? '', span: {start: line.start + from, end: line.start + to}};
		if (directives.some((other) => other.name === name)) diagnostics.push(repeatedDirective({source, span: directive.span}, name));
		directives.push(directive);
		if (name === 'escape') {
			if (directive.value === '\\' || directive.value === '`') escape = directive.value;
			else diagnostics.push(badEscapeDirective({source, span: directive.span}, directive.value));
		}
		offset = line.next;
	}
	return {directives, escape, start, diagnostics};
}
