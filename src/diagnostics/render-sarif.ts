import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {programVersion} from '../core/program-version.ts';
import {positionAt} from '../core/source.ts';
import type {Diagnostic, Label} from './diagnostic.ts';
import {sortDiagnostics} from './sort-diagnostics.ts';

/** What a SARIF log says about a rule besides its findings. */
export interface SarifRule {
	readonly id: string;
	readonly summary: string;
}

/** All diagnostics as a SARIF 2.1.0 log of one run; columns count UTF-16 units; ends with a line end. */
export function renderSarif(diagnostics: readonly Diagnostic[], rules: readonly SarifRule[] = []): string {
	const sorted = sortDiagnostics(diagnostics);
	const summaries = new Map(rules.map(({id, summary}) => [id, summary]));
	const ids = [...new Set(sorted.map(({code}) => code))].sort();
	const driver = {
		name: 'boxbuild',
		version: programVersion,
		rules: ids.map((id) => {
			const summary = summaries.get(id);
			return {id, ...(summary === undefined ? {} : {shortDescription: {text: summary}})};
		}),
	};
	const results = sorted.map((diagnostic) => resultOf(diagnostic, ids.indexOf(diagnostic.code)));
	return `${canonicalJson({
		$schema: 'https://json.schemastore.org/sarif-2.1.0.json',
		version: '2.1.0',
		runs: [{tool: {driver}, columnKind: 'utf16CodeUnits', results}],
	})}\n`;
}

function resultOf(diagnostic: Diagnostic, ruleIndex: number): Json {
	const {code, severity, message, primary, related = [], because = [], help = []} = diagnostic;
	const notes = [...because.map((text) => `because: ${text}`), ...help.map((text) => `help: ${text}`)];
	return {
		ruleId: code,
		ruleIndex,
		level: severity,
		message: {text: [message, ...notes].join('\n')},
		...(primary === undefined ? {} : {locations: [locationOf(primary)]}),
		...(related.length === 0 ? {} : {relatedLocations: related.map((label) => locationOf(label))}),
	};
}

function locationOf({source, span, message}: Label): Json {
	const start = positionAt(source, span.start);
	const end = positionAt(source, span.end);
	return {
		physicalLocation: {
			artifactLocation: {uri: source.name.split('/').map(encodeURIComponent).join('/')},
			region: {startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column},
		},
		...(message === undefined ? {} : {message: {text: message}}),
	};
}
