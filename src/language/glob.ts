/**
 * The regular expression of a pattern of moby/patternmatcher: `*` and `?` stay inside a component, `**` crosses them
 * (`**` followed by `/` also matches no directory at all; in front of plain text it is any beginning), `[...]` and `\` are as in Go's filepath.Match.
 * Undefined when the pattern is malformed.
 */
export function compileGlob(pattern: string): RegExp | undefined {
	if (/^\*\*[^*?\[\]\\\/][^*?\[\]\\]*$/v.test(pattern)) return new RegExp(`${escapeText(pattern.slice(2))}$`);
	let expression = '^';
	for (let at = 0; at < pattern.length; at++) {
		const char = pattern[at] ?? '';
		if (char === '*') {
			if (pattern[at + 1] !== '*') {
				expression += '[^/]*';
				continue;
			}
			at += 1;
			if (pattern[at + 1] === '/') at += 1;
			// Several in a row match what one does; as one they cannot make the expression slow.
			while (pattern.startsWith('**/', at + 1)) at += 3;
			expression += at + 1 === pattern.length ? '[^]*' : '(?:[^]*/)?';
		} else if (char === '?') expression += '[^/]';
		else if (char === '\\') {
			at += 1;
			if (at >= pattern.length) return undefined;
			expression += escapeRegExp(pattern[at] ?? '');
		} else if (char === '[') {
			const set = readSet(pattern, at);
			if (set === undefined) return undefined;
			expression += set.expression;
			at = set.end;
		} else expression += escapeRegExp(char);
	}
	try {
		return new RegExp(`${expression}$`);
	} catch {
		return undefined;
	}
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
