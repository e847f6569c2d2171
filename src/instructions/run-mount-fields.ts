import type {Source, Span} from '../core/source.ts';
import type {Flag} from '../language/ast.ts';

/** One `key=value` of a mount, or a key alone. */
export interface MountField {
	/** As written, in lower case. */
	readonly key: string;
	readonly value?: string;
	readonly span: Span;
	/** The whole field when it has no value. */
	readonly valueSpan: Span;
}

/** Splits the value of `--mount` at its commas; a field in double quotes may hold commas (RFC 4180). */
export function mountFields(flag: Flag, {text}: Source): readonly MountField[] {
	const {value = '', valueSpan} = flag;
	// Where quotes or escapes were removed, offsets no longer say anything.
	const isExact = text.slice(valueSpan.start, valueSpan.end) === value;
	const span = (start: number, end: number): Span =>
		isExact ? {start: valueSpan.start + start, end: valueSpan.start + end} : {start: valueSpan.start, end: valueSpan.end};
	const fields: MountField[] = [];
	for (const {index, 0: written} of value.matchAll(/"(?:[^"]|"")*"?[^,]*|[^,]+/gv)) {
		const isQuoted = written.startsWith('"');
		const field = isQuoted ? written.replace(/^"|"$/gv, '').replaceAll('""', '"') : written;
		const equals = field.indexOf('=');
		const end = index + written.length;
		const whole = span(index, end);
		if (equals === -1) fields.push({key: field.toLowerCase(), span: whole, valueSpan: whole});
		else {
			const valueStart = isQuoted ? index : index + equals + 1;
			fields.push({
				key: field.slice(0, equals).toLowerCase(),
				value: field.slice(equals + 1),
				span: whole,
				valueSpan: span(valueStart, end),
			});
		}
	}
	return fields;
}
