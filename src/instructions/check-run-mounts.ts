import type {Source, Span} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {badMount} from '../diagnostics/mount.ts';
import type {Instruction} from '../language/ast.ts';
import {type GivenMount, readRunMount} from './read-run-mount.ts';
import {mountFields} from './run-mount-fields.ts';

/** What is wrong with the mounts of a RUN whatever its variables hold. */
export function checkRunMounts(instruction: Instruction, source: Source): readonly Diagnostic[] {
	const found: Diagnostic[] = [];
	const report = (diagnostic: Diagnostic): void => void found.push(diagnostic);
	for (const flag of instruction.flags) {
		if (flag.name !== 'mount') continue;
		const mount = readRunMount(flag, {source, report, expand: (value) => (value.includes('$') ? 'later' : value)});
		if (mount !== undefined) found.push(...checkWhole(mount, source));
	}
	return found;
}

/** What has to be there, and what excludes each other. */
export function checkWhole({type, options, span}: GivenMount, source: Source): readonly Diagnostic[] {
	const place = {source, span};
	if (type === 'secret' && !['id', 'source', 'target'].some((name) => options.has(name as 'id')))
		return [badMount(place, {message: 'the secret has no name', help: 'add `id=NAME`'})];
	if (type === 'secret' && options.has('id') && options.has('source'))
		return [badMount(place, {message: '`source` is another name of `id` for a secret', help: 'keep `id`'})];
	return [];
}

/** The `from=` of all mounts, where they name something. */
export function mountOrigins(instruction: Instruction, source: Source): readonly {readonly text: string; readonly span: Span}[] {
	const flags = instruction.keyword === 'RUN' ? instruction.flags.filter(({name}) => name === 'mount') : [];
	return flags
		.flatMap((flag) => mountFields(flag, source))
		.flatMap(({key, value = '', valueSpan}) =>
			key === 'from' && value !== '' && !value.includes('$') ? [{text: value, span: valueSpan}] : [],
		);
}
