import {rawOf} from '../core/raw-path.ts';
import {compileGlob} from './glob.ts';
import {cleanPattern, type IgnorePattern} from './ignore.ts';

/** One pattern of `--exclude`, read like a line of an ignore file; undefined when it is malformed. */
export function parseExclude(text: string): IgnorePattern | undefined {
	const trimmed = text.trim();
	const negated = trimmed.startsWith('!');
	const bare = negated ? trimmed.slice(1).trim() : trimmed;
	const pattern = rawOf(cleanPattern(bare));
	const expression = bare === '' ? undefined : compileGlob(pattern);
	return expression === undefined ? undefined : {pattern, negated, expression, span: {start: 0, end: text.length}};
}
