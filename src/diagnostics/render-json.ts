import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {positionAt} from '../core/source.ts';
import type {Diagnostic, Label} from './diagnostic.ts';
import {sortDiagnostics} from './sort-diagnostics.ts';

const severities = {error: 1, warning: 2, note: 3} as const;

/** All diagnostics as one JSON array under the names of the Language Server Protocol (Diagnostic, 0-based positions); ends with a line end. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
	return `${canonicalJson(sortDiagnostics(diagnostics).map(toJson))}\n`;
}

function toJson({code, severity, message, primary, related, because, help, data}: Diagnostic): Json {
	return {
		source: 'boxbuild',
		code,
		severity: severities[severity],
		message,
		...(primary === undefined ? {} : place(primary)),
		relatedInformation: related?.map((label) => ({location: place(label), message: label.message ?? ''})),
		data: {because: because === undefined ? [] : [...because], help: help === undefined ? [] : [...help], ...data},
	};
}

function place({source, span}: Label): {readonly uri: string; readonly range: Json} {
	const position = (offset: number): Json => {
		const {line, column} = positionAt(source, offset);
		return {line: line - 1, character: column - 1};
	};
	return {uri: source.name, range: {start: position(span.start), end: position(span.end)}};
}
