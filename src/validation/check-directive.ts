import {suggest} from '../core/suggest.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {badCheckDirective} from '../diagnostics/lint.ts';
import type {Boxfile} from '../language/ast.ts';
import type {LintRule} from './lint-rule.ts';

/** What `# check=...` asks for. */
export interface CheckDirective {
	readonly skips: (rule: LintRule) => boolean;
	readonly enables: (rule: LintRule) => boolean;
	readonly warningsAreErrors: boolean;
	readonly diagnostics: readonly Diagnostic[];
}

/** Reads `skip=RULE,...;error=true;experimental=RULE,...`: rules by our names or BuildKit's, `all` for every rule. */
export function readCheckDirective({directives, source}: Boxfile, rules: readonly LintRule[]): CheckDirective {
	const found = directives.find(({name}) => name === 'check');
	const diagnostics: Diagnostic[] = [];
	const lists = {skip: new Set<string>(), experimental: new Set<string>()};
	const known = rules.flatMap(({name, buildkit}) => [name, ...(buildkit === undefined ? [] : [buildkit])]);
	let warningsAreErrors = false;
	let offset = found?.span.start ?? 0;
	for (const part of found === undefined ? [] : found.value.split(';')) {
		const report = (word: string, suggestion?: string) => {
			const start = offset + Math.max(0, part.indexOf(word));
			diagnostics.push(badCheckDirective({source, span: {start, end: start + word.length}}, word, suggestion));
		};
		const [key = '', value] = part.split('=', 2).map((text) => text.trim());
		if (key === 'error' && /^(?:true|false|1|0|t|f)$/iv.test(value ?? '')) warningsAreErrors = /^(?:true|1|t)$/iv.test(value ?? '');
		else if ((key === 'skip' || key === 'experimental') && value !== undefined) {
			for (const name of value.split(',').map((text) => text.trim())) {
				if (name !== 'all' && !known.includes(name)) report(name, suggest(name, known));
				else lists[key].add(name);
			}
		} else report(part.trim(), suggest(key, ['skip', 'error', 'experimental']));
		offset += part.length + 1;
	}
	const isIn = (list: ReadonlySet<string>) => (rule: LintRule) =>
		list.has('all') || list.has(rule.name) || list.has(rule.buildkit ?? rule.name);
	return {skips: isIn(lists.skip), enables: isIn(lists.experimental), warningsAreErrors, diagnostics};
}
