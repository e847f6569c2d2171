/** One piece of a pattern: a character, any name or part of one, the rest of a path, or directories with their slashes. */
export interface GlobUnit {
	readonly kind: 'one' | 'name' | 'rest' | 'directories';
	/** The regular expression that matches the same. */
	readonly expression: string;
}

/**
 * Tells whether the units match a whole text. Follows all ways to match at once, so that no text takes more steps than both lengths times
 * each other: a regular expression goes back and forth for ever on `*a*a*a*a*b`.
 */
export function globMatcher(units: readonly GlobUnit[]): (text: string) => boolean {
	const ones = units.map(({kind, expression}) => (kind === 'one' ? new RegExp(`^${expression}$`) : undefined));
	return (text) => {
		let states = new Uint8Array(units.length + 1);
		enter(units, states, 0);
		for (const char of text.split('')) {
			const next = new Uint8Array(units.length + 1);
			for (let at = 0; at < units.length; at++) {
				const unit = units[at];
				if (unit === undefined || states[at] === 0) continue;
				if (unit.kind === 'one') {
					if (ones[at]?.test(char) === true) enter(units, next, at + 1);
				} else if (unit.kind !== 'directories') {
					if (unit.kind === 'rest' || char !== '/') enter(units, next, at);
				} else {
					next[at] = (next[at] ?? 0) | inside;
					if (char === '/') enter(units, next, at + 1);
				}
			}
			states = next;
		}
		return ((states[units.length] ?? 0) & before) !== 0;
	};
}

/** What is known of a unit: the text may go on before it, or inside of directories, whose end is a slash. */
const before = 1;
const inside = 2;

/** Marks the place before a unit, and those behind units that match nothing as well. */
function enter(units: readonly GlobUnit[], states: Uint8Array, from: number): void {
	for (let at = from; at < states.length && ((states[at] ?? 0) & before) === 0; at++) {
		states[at] = (states[at] ?? 0) | before;
		if (units[at]?.kind === 'one') return;
	}
}
