/** A pattern of `${name#pattern}` and friends: `*`, `?` and literal characters. */
type Part = {readonly kind: 'any' | 'one'} | {readonly kind: 'literal'; readonly char: string};

/** Reads a pattern; undefined when a backslash stands before something other than `*`, `?`, `\`, `}` or `/`. */
export function parseShellPattern(text: string): readonly Part[] | undefined {
	const parts: Part[] = [];
	const chars = [...text];
	for (let at = 0; at < chars.length; at++) {
		let char = chars[at] ?? '';
		if (char === '*') parts.push({kind: 'any'});
		else if (char === '?') parts.push({kind: 'one'});
		else {
			if (char === '\\') {
				at += 1;
				char = chars[at] ?? '';
				if (!['*', '?', '\\', '}', '/'].includes(char)) return undefined;
			}
			parts.push({kind: 'literal', char});
		}
	}
	return parts;
}

/** Lengths (in characters) of the shortest and the longest match at the start of `chars`; linear in both, so no pattern can be slow. */
export function matchAtStart(
	parts: readonly Part[],
	chars: readonly string[],
): {readonly shortest: number; readonly longest: number} | undefined {
	let states = closure(parts, new Set([0]));
	let shortest: number | undefined;
	let longest = 0;
	for (let at = 0; states.size > 0; at++) {
		if (states.has(parts.length)) {
			shortest ??= at;
			longest = at;
		}
		const char = chars[at];
		if (char === undefined) break;
		const following = new Set<number>();
		for (const state of states) {
			const part = parts[state];
			if (part === undefined) continue;
			if (part.kind === 'literal' ? part.char === char : char !== '\n') following.add(part.kind === 'any' ? state : state + 1);
		}
		states = closure(parts, following);
	}
	return shortest === undefined ? undefined : {shortest, longest};
}

function closure(parts: readonly Part[], states: ReadonlySet<number>): ReadonlySet<number> {
	const closed = new Set<number>();
	for (let state of states) {
		closed.add(state);
		while (parts[state]?.kind === 'any') closed.add((state += 1));
	}
	return closed;
}

/** `${value#pattern}` (greedy: `##`). */
export function trimPrefix(value: string, pattern: readonly Part[], greedy: boolean): string {
	const chars = [...value];
	const match = matchAtStart(pattern, chars);
	return match === undefined ? value : chars.slice(greedy ? match.longest : match.shortest).join('');
}

/** `${value%pattern}` (greedy: `%%`). */
export function trimSuffix(value: string, pattern: readonly Part[], greedy: boolean): string {
	const kept = trimPrefix([...value].toReversed().join(''), pattern.toReversed(), greedy);
	return [...kept].toReversed().join('');
}

/** `${value/pattern/replacement}` (all: `//`): the longest match at the leftmost place, which may be empty, as Go's regexp replaces. */
export function replacePattern(
	value: string,
	pattern: readonly Part[],
	options: {readonly replacement: string; readonly all: boolean},
): string {
	const chars = [...value];
	let result = '';
	let behind = 0;
	for (let at = 0; at <= chars.length;) {
		const length = matchAtStart(pattern, chars.slice(at))?.longest;
		const isEmptyBehindMatch = length === 0 && at === behind && at > 0;
		if (length !== undefined && !isEmptyBehindMatch) {
			result += chars.slice(behind, at).join('') + options.replacement;
			behind = at + length;
			if (!options.all) break;
		}
		at = Math.max(at + 1, behind);
	}
	return result + chars.slice(behind).join('');
}
