/**
 * Go's path.Match on one path component, characters instead of bytes: `*`, `?`, `[a-z]`, `[^a-z]`, `\c`.
 * Both sides are raw (bytes as latin1); a byte that is not UTF-8 is one character, as in Go. Undefined: the pattern is malformed.
 */
export function goMatch(pattern: string, name: string): boolean | undefined {
	const compiled = compile(characters(pattern));
	return compiled === undefined ? undefined : run(compiled, 0, characters(name), 0);
}

/** True when a pattern has a character that path.Match does not take as itself. */
export function hasWildcard(pattern: string): boolean {
	return /[*?\[\\]/v.test(pattern);
}

type Unit =
	| {readonly kind: 'star' | 'any'}
	| {readonly kind: 'one'; readonly value: number}
	| {readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly (readonly [low: number, high: number])[]};

const code = (character: string): number => character.charCodeAt(0);

function characters(raw: string): number[] {
	const found: number[] = [];
	for (let at = 0; at < raw.length;) {
		const first = raw.charCodeAt(at);
		const length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
		const text = length === 1 ? '' : Buffer.from(raw.slice(at, at + length), 'latin1').toString('utf8');
		const point = text.codePointAt(0);
		if (length > 1 && point !== undefined && point !== 0xfffd && String.fromCodePoint(point).length === text.length) {
			found.push(point);
			at += length;
		} else {
			// Outside Unicode, so that a stray byte equals no character.
			found.push(first < 0x80 ? first : 0x11_0000 + first);
			at += 1;
		}
	}
	return found;
}

function compile(pattern: readonly number[]): Unit[] | undefined {
	const units: Unit[] = [];
	for (let at = 0; at < pattern.length; at++) {
		const value = pattern[at] ?? 0;
		if (value === code('*')) units.push({kind: 'star'});
		else if (value === code('?')) units.push({kind: 'any'});
		else if (value === code('[')) {
			const set = compileSet(pattern, at + 1);
			if (set === undefined) return undefined;
			units.push(set.unit);
			at = set.end;
		} else if (value === code('\\')) {
			at += 1;
			const escaped = pattern[at];
			if (escaped === undefined) return undefined;
			units.push({kind: 'one', value: escaped});
		} else units.push({kind: 'one', value});
	}
	return units;
}

function compileSet(pattern: readonly number[], start: number): {readonly unit: Unit; readonly end: number} | undefined {
	let at = start;
	const negated = pattern[at] === code('^');
	if (negated) at += 1;
	const ranges: (readonly [number, number])[] = [];
	const next = (): number | undefined => {
		if (pattern[at] === code('-') || pattern[at] === code(']')) return undefined;
		if (pattern[at] === code('\\')) at += 1;
		const value = pattern[at];
		at += 1;
		return value;
	};
	while (pattern[at] !== code(']') || ranges.length === 0) {
		const low = next();
		if (low === undefined) return undefined;
		if (pattern[at] === code('-')) {
			at += 1;
			const high = next();
			if (high === undefined) return undefined;
			ranges.push([low, high]);
		} else ranges.push([low, low]);
	}
	return {unit: {kind: 'set', negated, ranges}, end: at};
}

function run(units: readonly Unit[], from: number, name: readonly number[], start: number): boolean {
	let unitAt = from;
	let nameAt = start;
	// The place to go back to: the last star and how much of the name it has taken.
	let star = -1;
	let taken = 0;
	while (nameAt < name.length || unitAt < units.length) {
		const unit = units[unitAt];
		if (unit?.kind === 'star') {
			star = unitAt;
			taken = nameAt;
			unitAt += 1;
		} else if (unit !== undefined && nameAt < name.length && fits(unit, name[nameAt] ?? 0)) {
			unitAt += 1;
			nameAt += 1;
		} else if (star !== -1 && taken < name.length) {
			taken += 1;
			nameAt = taken;
			unitAt = star + 1;
		} else return false;
	}
	return true;
}

function fits(unit: Unit, value: number): boolean {
	if (unit.kind === 'one') return unit.value === value;
	if (unit.kind === 'set') return unit.ranges.some(([low, high]) => low <= value && value <= high) !== unit.negated;
	return unit.kind === 'any';
}
