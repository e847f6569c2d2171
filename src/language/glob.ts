import {globMatcher, type GlobUnit} from './match-glob.ts';

/** A compiled pattern; a regular expression is one. */
export interface Glob {
	test(path: string): boolean;
}

/** As many repetitions as a regular expression may have: with each more it can take another factor of the path's length. */
const mostRepetitions = 2;

/**
 * A pattern of moby/patternmatcher: `*` and `?` stay inside a component, `**` crosses them
 * (`**` followed by `/` also matches no directory at all; in front of plain text it is any beginning), `[...]` and `\` are as in Go's filepath.Match.
 * Undefined when the pattern is malformed.
 */
export function compileGlob(pattern: string): Glob | undefined {
	if (/^\*\*[^*?\[\]\\\/][^*?\[\]\\]*$/v.test(pattern)) return new RegExp(`${escapeText(pattern.slice(2))}$`);
	const units = readUnits(pattern);
	if (units === undefined) return undefined;
	try {
		const expression = new RegExp(`^${units.map((unit) => unit.expression).join('')}$`);
		const repetitions = units.filter(({kind}) => kind !== 'one').length;
		return repetitions <= mostRepetitions ? expression : {test: globMatcher(units)};
	} catch {
		return undefined;
	}
}

/** The pieces of a pattern; undefined when it is malformed. */
export function readUnits(pattern: string): GlobUnit[] | undefined {
	const units: GlobUnit[] = [];
	const one = (expression: string): void => void units.push({kind: 'one', expression});
	for (let at = 0; at < pattern.length; at++) {
		const char = pattern[at] ?? '';
		if (char === '*') {
			if (pattern[at + 1] !== '*') {
				units.push({kind: 'name', expression: '[^/]*'});
				continue;
			}
			at += 1;
			if (pattern[at + 1] === '/') at += 1;
			// Several in a row match what one does; as one they cannot make the expression slow.
			while (pattern.startsWith('**/', at + 1)) at += 3;
			units.push(at + 1 === pattern.length ? {kind: 'rest', expression: '[^]*'} : {kind: 'directories', expression: '(?:[^]*/)?'});
		} else if (char === '?') one('[^/]');
		else if (char === '\\') {
			at += 1;
			if (at >= pattern.length) return undefined;
			one(escapeRegExp(pattern[at] ?? ''));
		} else if (char === '[') {
			const set = readSet(pattern, at);
			if (set === undefined) return undefined;
			one(set.expression);
			at = set.end;
		} else one(escapeRegExp(char));
	}
	return units;
}

function readSet(pattern: string, start: number): {readonly expression: string; readonly end: number} | undefined {
	let at = start + 1;
	let expression = '[';
	if (pattern[at] === '^') {
		expression += '^';
		at += 1;
	}
	for (let first = true; ; first = false) {
		const char = pattern[at];
		if (char === undefined) return undefined;
		if (char === ']' && !first) return {expression: `${expression}]`, end: at};
		if (char === '\\') {
			at += 1;
			if (pattern[at] === undefined) return undefined;
		}
		expression += char === '-' ? '-' : `\\x${(pattern.charCodeAt(at) & 0xff).toString(16).padStart(2, '0')}`;
		at += 1;
	}
}

function escapeText(text: string): string {
	return [...text].map(escapeRegExp).join('');
}

function escapeRegExp(char: string): string {
	return char.replace(/[\\^$.*+?\(\)\[\]\{\}\|\/\-]/v, '\\$&');
}
