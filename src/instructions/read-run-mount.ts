import type {Source, Span} from '../core/source.ts';
import {suggest} from '../core/suggest.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {badMount, unknownMountOption} from '../diagnostics/mount.ts';
import type {Flag} from '../language/ast.ts';
import {mountFields, type MountField} from './run-mount-fields.ts';
import {type MountOption, mountOptions, type MountType, mountTypes, optionNamed, optionsOfType} from './run-mount-options.ts';

export interface GivenOption {
	/** `true` for a key alone. */
	readonly value: string;
	readonly span: Span;
}

/** A mount whose options all belong to its type and have values of the right form. */
export interface GivenMount {
	readonly type: MountType;
	readonly options: ReadonlyMap<MountOption, GivenOption>;
	readonly span: Span;
}

export interface ReadMount {
	readonly source: Source;
	readonly report: (diagnostic: Diagnostic) => void;
	/** A value with its variables replaced; `later` when they are not known yet, undefined when it has been reported why not. */
	readonly expand: (value: string, span: Span) => string | 'later' | undefined;
}

/** Reads one `--mount`; undefined when something is wrong, which is then reported, or not known yet. */
export function readRunMount(flag: Flag, {source, report, expand}: ReadMount): GivenMount | undefined {
	const options = new Map<MountOption, GivenOption>();
	const fields = mountFields(flag, source).map((field) => ({field, option: optionNamed(field.key)}));
	const state = {complete: true};
	const refuse = (diagnostic: Diagnostic): void => {
		state.complete = false;
		report(diagnostic);
	};
	for (const {field, option} of fields) {
		if (option === undefined) continue;
		const value = valueOf(field, option, {source, report: refuse, expand});
		if (value === undefined) state.complete = false;
		else if (options.has(option))
			refuse(badMount({source, span: field.span}, {message: `\`${field.key}\` is given twice`, help: 'keep one of them'}));
		else options.set(option, {value, span: field.valueSpan});
	}
	const typeIsOpen = fields.some(({option}) => option === 'type') && !options.has('type');
	const written = options.get('type')?.value.toLowerCase() ?? 'bind';
	const type = typeIsOpen ? undefined : mountTypes.find((known) => known === written);
	const names = (type === undefined ? (Object.keys(mountOptions) as MountOption[]) : optionsOfType[type]).flatMap(
		(option) => mountOptions[option].names,
	);
	for (const {field} of fields) {
		if (names.includes(field.key)) continue;
		const span = {start: field.span.start, end: Math.min(field.span.end, field.span.start + field.key.length)};
		refuse(unknownMountOption({source, span}, {key: field.key, type, known: names, suggestion: suggest(field.key, names)}));
	}
	return state.complete && type !== undefined ? {type, options, span: flag.span} : undefined;
}

function valueOf(field: MountField, option: MountOption, {source, report, expand}: ReadMount): string | undefined {
	const rule = mountOptions[option];
	if (field.value === undefined) {
		if (rule.bare === true) return 'true';
		report(badMount({source, span: field.span}, {message: `\`${field.key}\` has no value`, help: `write \`${field.key}=VALUE\``}));
		return undefined;
	}
	const place = {source, span: field.valueSpan};
	if (option === 'from' && field.value.includes('$')) {
		const because = 'it has to be a name without variables (write `FROM $NAME AS stage` and mount from the stage)';
		report(badMount(place, {message: `\`from\` cannot be \`${field.value}\``, because}));
		return undefined;
	}
	const value = expand(field.value, field.valueSpan);
	if (value === undefined || value === 'later') return undefined;
	const expected = value === '' && option !== 'source' ? 'given' : rule.expected?.(value);
	if (expected === undefined) return value;
	const message = value === '' ? `\`${field.key}\` has no value` : `\`${field.key}\` cannot be \`${value}\``;
	const suggestion = suggest(value, rule.values ?? []);
	report(
		badMount(place, {
			message,
			because: `it has to be ${expected}`,
			...(suggestion === undefined ? {} : {help: `did you mean \`${suggestion}\`?`}),
		}),
	);
	return undefined;
}
