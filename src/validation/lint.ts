import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {Boxfile} from '../language/ast.ts';
import {readCheckDirective} from './check-directive.ts';
import {lintFacts, type LintOptions} from './lint-facts.ts';
import {lintRules} from './rules/registry.ts';

/**
 * All findings of the lint rules, beside what else was found; the directive `# check=...` decides which warnings stay and whether they are
 * errors. Errors stay whatever it says.
 */
export function lint(boxfile: Boxfile, options: LintOptions, found: readonly Diagnostic[] = []): readonly Diagnostic[] {
	const directive = readCheckDirective(boxfile, lintRules);
	const facts = lintFacts(boxfile, options);
	const skipped = new Set(lintRules.filter(directive.skips).flatMap(({reportedAs}) => (reportedAs === undefined ? [] : [reportedAs])));
	const kept = found.filter(({code, severity}) => severity === 'error' || !skipped.has(code));
	const active = lintRules.filter((rule) => !directive.skips(rule) && (rule.experimental !== true || directive.enables(rule)));
	const findings = active.flatMap((rule) => rule.check(boxfile, facts));
	const all = [...kept, ...findings];
	const raised = directive.warningsAreErrors ? all.map((one) => ({...one, severity: 'error' as const})) : all;
	return [...raised, ...directive.diagnostics];
}
