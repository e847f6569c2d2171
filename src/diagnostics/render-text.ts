import {positionAt} from '../core/source.ts';
import type {Diagnostic, Label, Severity} from './diagnostic.ts';
import {plainLine, plainText} from './plain-text.ts';
import {frameOf} from './render-frame.ts';
import {sortDiagnostics} from './sort-diagnostics.ts';

/** How parts of the text are made to stand out; each returns its argument with or without control sequences around it. */
export interface Style {
	readonly severity: (text: string, severity: Severity) => string;
	readonly gutter: (text: string) => string;
	readonly mark: (text: string, severity: Severity) => string;
	readonly strong: (text: string) => string;
}

export const plainStyle: Style = {severity: (text) => text, gutter: (text) => text, mark: (text) => text, strong: (text) => text};

export interface RenderOptions {
	readonly style?: Style;
	/** At most so many are shown; 20 without it. */
	readonly limit?: number;
}

/** Diagnostics as text for people, by position, errors and warnings in the form of the errors chapter; ends with a line end unless empty. */
export function renderText(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
	const {style = plainStyle, limit = 20} = options;
	const sorted = sortDiagnostics(diagnostics);
	const shown = sorted.slice(0, limit).map((diagnostic) => renderOne(diagnostic, style));
	const more = sorted.length - shown.length;
	return [...shown, ...(more > 0 ? [`and ${more} more\n`] : [])].join('\n');
}

function renderOne(diagnostic: Diagnostic, style: Style): string {
	const {code, severity, message, primary, related = [], because = [], help = []} = diagnostic;
	const title = `${style.severity(`${severity}[${code}]`, severity)}: ${style.strong(plainLine(message))}`;
	const labels = primary === undefined ? related : [primary, ...related];
	const width = Math.max(0, ...labels.map(lineNumberWidth));
	const frames = labels.map((label, index) => frameOf(label, {width, style, severity: index === 0 ? severity : 'note'}));
	const indent = ' '.repeat(width === 0 ? 2 : width + 1);
	const notes = [...because.map((text) => ['because', text] as const), ...help.map((text) => ['help', text] as const)];
	return [title, ...frames.flat(), ...notes.map(([kind, text]) => renderNote(kind, text, {indent, style}))]
		.map((line) => `${line}\n`)
		.join('');
}

function renderNote(kind: string, text: string, {indent, style}: {readonly indent: string; readonly style: Style}): string {
	const [first = '', ...rest] = plainText(text).split('\n');
	const hanging = ' '.repeat(indent.length + kind.length + 4);
	return [`${indent}${style.gutter('=')} ${style.strong(`${kind}:`)} ${first}`, ...rest.map((line) => hanging + line)].join('\n');
}

function lineNumberWidth({source, span}: Label): number {
	return String(positionAt(source, span.start).line).length;
}
