import {rawOf} from '../core/raw-path.ts';
import {compileGlob} from '../language/glob.ts';
import {cleanPattern} from '../language/ignore.ts';
import type {Flag, Instruction} from '../language/ast.ts';
import type {Budget} from '../plan/budget.ts';
import {parseByteSize} from '../core/byte-size.ts';
import type {FlagRule} from './instruction.ts';

/** The flags of CHECK that say what an image may hold. */
export const budgetFlags: readonly FlagRule[] = [
	{
		name: 'max-size',
		value: 'required',
		expected: (value) => (parseByteSize(value) === undefined ? 'a number of bytes such as `120MB` or `64MiB`' : undefined),
	},
	{name: 'no-setuid', value: 'boolean'},
	{
		name: 'no-path',
		value: 'required',
		repeatable: true,
		expected: (value) => (compileGlob(globOf(value)) === undefined ? 'a pattern such as `/root/.cache` or `**/*.pyc`' : undefined),
	},
];

export function isBudget({name}: Flag): boolean {
	return budgetFlags.some((rule) => rule.name === name);
}

/** The budgets of a CHECK; its flags have been checked. `--no-setuid=false` is none. */
export function budgetsOf({flags}: Instruction): readonly Budget[] {
	return flags.flatMap(({name, value = '', span}): readonly Budget[] => {
		if (name === 'max-size') return [{kind: 'size', bytes: parseByteSize(value) ?? 0, text: value, span}];
		if (name === 'no-path') return [{kind: 'path', pattern: globOf(value), text: value, span}];
		return name === 'no-setuid' && value !== 'false' ? [{kind: 'setuid', span}] : [];
	});
}

/** A pattern of an ignore file, for paths below the root. */
function globOf(value: string): string {
	return rawOf(cleanPattern(value));
}
