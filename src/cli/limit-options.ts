import {parseByteSize} from '../core/byte-size.ts';
import {type LimitName, limitNames, type Limits} from '../core/limits.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {cliBadValue} from '../diagnostics/cli.ts';

/** No command gets along with less; Docker has the same minimum. */
const leastMemory = 6 * 1024 ** 2;
/** The cpu controller takes no quota below a millisecond in 100. */
const leastCpus = 0.01;

/** Letters as docker and podman have them: powers of 1024. */
const letters: Readonly<Record<string, number>> = {b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3};

export const expectedLimits: Readonly<Record<LimitName, string>> = {
	memory: 'a size from 6m such as `512m`, `2g` or `800MB`',
	cpus: `a number of processors from ${leastCpus} such as \`1.5\``,
	pids: 'a whole number from 1',
};

/** The value of a limit, in the units of `Limits`; undefined when it is none. */
export function parseLimit(name: LimitName, text: string): number | undefined {
	switch (name) {
		case 'memory': {
			const [, number, letter = ''] = /^(\d{1,15}(?:\.\d{1,9})?)([bkmg])$/iv.exec(text) ?? [];
			const bytes = number === undefined ? parseByteSize(text) : Math.floor(Number(number) * (letters[letter.toLowerCase()] ?? 1));
			return bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= leastMemory ? bytes : undefined;
		}
		case 'cpus': {
			const cpus = /^\d{1,6}(?:\.\d{1,6})?$/v.test(text) ? Number(text) : 0;
			return cpus >= leastCpus ? cpus : undefined;
		}
		case 'pids':
			return /^[1-9]\d{0,8}$/v.test(text) ? Number(text) : undefined;
	}
}

type Environment = Readonly<Record<string, string | undefined>>;

/** An option wins over its variable; an empty variable says nothing. */
export function parseLimits(flags: Readonly<Partial<Record<LimitName, string>>>, env: Environment): Limits {
	const found: Partial<Record<LimitName, number>> = {};
	for (const name of limitNames) {
		const variable = `BOXBUILD_${name.toUpperCase()}`;
		const text = flags[name] ?? env[variable] ?? '';
		if (text === '' && flags[name] === undefined) continue;
		const value = parseLimit(name, text);
		if (value === undefined)
			throw new BuildError(cliBadValue(flags[name] === undefined ? variable : `--${name}`, text, expectedLimits[name]));
		found[name] = value;
	}
	return found;
}
