import {unknownMode} from '../diagnostics/archive.ts';
import {BuildError} from '../diagnostics/build-error.ts';

/** Turns a mode into the mode that --chmod asks for. */
export type ChangeMode = (mode: number, isDirectory: boolean) => number;

const clausePattern = /^([ugoa]*)((?:[\-+=](?:[ugo]|[rwxXst]*))+)$/v;
const actionPattern = /([\-+=])([ugo]|[rwxXst]*)/gv;
const shifts: Readonly<Record<string, number>> = {u: 6, g: 3, o: 0};

/** Reads `755`, `0644` or symbolic modes as chmod(1) has them (`u+x,go=rX`; without u, g, o all three are meant). Throws BuildError. */
export function parseChmod(text: string): ChangeMode {
	if (/^0*[0-7]{1,4}$/v.test(text)) {
		const mode = Number.parseInt(text, 8);
		return () => mode;
	}
	const clauses = text.split(',').map((clause) => parseClause(clause, text));
	return (mode, isDirectory) => clauses.reduce((changed, change) => change(changed, isDirectory), mode);
}

function parseClause(clause: string, whole: string): ChangeMode {
	const found = clausePattern.exec(clause);
	if (found === null) throw new BuildError(unknownMode(whole));
	const who = found[1] === '' || found[1]?.includes('a') === true ? 'ugo' : (found[1] ?? 'ugo');
	const actions = [...(found[2] ?? '').matchAll(actionPattern)].map(([, operator, what]) => ({operator: operator ?? '', what: what ?? ''}));
	return (mode, isDirectory) =>
		actions.reduce((changed, {operator, what}) => applyAction(changed, isDirectory, {who, operator, what}), mode);
}

function applyAction(mode: number, isDirectory: boolean, action: {who: string; operator: string; what: string}): number {
	const {who, operator, what} = action;
	let bits = 0;
	let cleared = 0;
	for (const one of new Set(who)) {
		const shift = shifts[one] ?? 0;
		bits |= permissions(mode, what, isDirectory) << shift;
		cleared |= 0o7 << shift;
		// chmod(1) leaves a directory's set-id bits alone unless they are named.
		if (one !== 'o' && !isDirectory) cleared |= one === 'u' ? 0o4000 : 0o2000;
		if (what.includes('s') && one !== 'o') bits |= one === 'u' ? 0o4000 : 0o2000;
		if (what.includes('t') && who === 'ugo') bits |= 0o1000;
	}
	if (operator === '+') return mode | bits;
	return operator === '-' ? mode & ~bits : (mode & ~cleared) | bits;
}

function permissions(mode: number, what: string, isDirectory: boolean): number {
	const copied = shifts[what];
	if (copied !== undefined) return (mode >> copied) & 0o7;
	const isExecutable = isDirectory || (mode & 0o111) !== 0;
	const execute = what.includes('x') || (what.includes('X') && isExecutable) ? 1 : 0;
	return (what.includes('r') ? 4 : 0) | (what.includes('w') ? 2 : 0) | execute;
}
