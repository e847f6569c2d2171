import type {ExecutionContext} from 'ava';
import {printedBy, type Files, type RunOptions, type Workplace} from './workplace.ts';

/** Builds and lists the result: one line for each file, as `tar tv` without sizes and times, in order of the paths. */
export async function listResult(
	t: ExecutionContext,
	place: Workplace,
	what: string | Files,
	args: readonly string[] = [],
	options: RunOptions = {},
): Promise<readonly string[]> {
	const tar = place.fresh('list.tar');
	await place.built(t, what, ['-o', `type=tar,dest=${tar}`, ...args], options);
	const listed = await printedBy(['tar', '--numeric-owner', '-tvf', tar]);
	return listed
		.trim()
		.split('\n')
		.map((line) => line.replace(/^(\S+)\s+(\S+)\s+\d+ \S+ \S+ (.*)$/v, '$1 $2 $3'))
		.sort((one, two) => (pathOf(one) < pathOf(two) ? -1 : 1));
}

/** Only the paths of such lines. */
export function pathsOf(lines: readonly string[]): readonly string[] {
	return lines.map(pathOf);
}

function pathOf(line: string): string {
	return line.split(' ').slice(2).join(' ');
}

/** A file of the result. */
export async function readResult(
	t: ExecutionContext,
	place: Workplace,
	what: string | Files,
	path: string,
	args: readonly string[] = [],
	options: RunOptions = {},
): Promise<string> {
	const tar = place.fresh('read.tar');
	await place.built(t, what, ['-o', `type=tar,dest=${tar}`, ...args], options);
	return printedBy(['tar', '-xOf', tar, path]);
}
