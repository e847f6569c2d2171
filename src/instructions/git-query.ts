import {suggest} from '../core/suggest.ts';

/** What the query of a git URL says. */
export interface GitQuery {
	/** `tag` and `branch` are whole reference names here. */
	readonly ref?: string;
	readonly subdir?: string;
	/** Beginning of the commit, 7 to 40 hex digits. */
	readonly checksum?: string;
	readonly keepGitDir?: boolean;
	readonly submodules?: boolean;
}

/** The keys that BuildKit knows; `commit` is another name of `checksum`. */
const keys = ['ref', 'branch', 'tag', 'subdir', 'checksum', 'commit', 'keep-git-dir', 'submodules'] as const;
const switches: ReadonlySet<string> = new Set(['keep-git-dir', 'submodules']);

/** Truth values as Go's strconv.ParseBool takes them. */
const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const falsehoods: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/** Reads `KEY=VALUE&...`, the part of a git URL behind the `?`; a text is what is wrong with it. */
export function parseGitQuery(text: string): GitQuery | string {
	const pairs = [...new URLSearchParams(text)];
	const given = new Map(pairs);
	for (const [index, [key, value]] of pairs.entries()) {
		const problem =
			pairProblem(key, value) ?? (pairs.findIndex(([other]) => other === key) < index ? `\`${key}\` is given twice` : undefined);
		if (problem !== undefined) return problem;
	}
	const refs = [given.get('ref'), prefixed('refs/tags/', given.get('tag')), prefixed('refs/heads/', given.get('branch'))];
	const ref = onlyOne('reference', refs);
	const checksum = onlyOne('checksum', [given.get('checksum'), given.get('commit')]);
	if (ref?.problem !== undefined) return ref.problem;
	if (checksum?.problem !== undefined) return checksum.problem;
	const subdir = given.get('subdir');
	const keepGitDir = given.get('keep-git-dir');
	const submodules = given.get('submodules');
	return {
		...(ref === undefined ? {} : {ref: ref.value}),
		...(subdir === undefined ? {} : {subdir}),
		...(checksum === undefined ? {} : {checksum: checksum.value}),
		...(keepGitDir === undefined ? {} : {keepGitDir: isOn(keepGitDir)}),
		...(submodules === undefined ? {} : {submodules: isOn(submodules)}),
	};
}

function pairProblem(key: string, value: string): string | undefined {
	if (!keys.some((known) => known === key)) {
		const close = suggest(key, keys);
		const hint = close === undefined ? `it knows ${keys.map((known) => `\`${known}\``).join(', ')}` : `did you mean \`${close}\`?`;
		return `the query of a git URL has no \`${key}\`; ${hint}`;
	}
	if (switches.has(key))
		return value === '' || truths.has(value) || falsehoods.has(value) ? undefined : `\`${key}\` is \`true\` or \`false\`, not \`${value}\``;
	if (value === '') return `\`${key}\` has no value`;
	if (key === 'checksum' || key === 'commit')
		return /^[0-9a-f]{7,40}$/v.test(value) ? undefined : `\`${key}\` is 7 to 40 hexadecimal digits of the commit, not \`${value}\``;
	return undefined;
}

function prefixed(prefix: string, name: string | undefined): string | undefined {
	return name === undefined || name.startsWith(prefix) ? name : `${prefix}${name}`;
}

type Only = {readonly value: string; readonly problem?: never} | {readonly problem: string; readonly value?: never};

/** The value that all say who say one. */
function onlyOne(what: string, values: readonly (string | undefined)[]): Only | undefined {
	const [value, other] = new Set(values.filter((given) => given !== undefined));
	if (value === undefined) return undefined;
	return other === undefined ? {value} : {problem: `the query says two things about the ${what}: \`${value}\` and \`${other}\``};
}

/** A key without a value switches on. */
function isOn(value: string): boolean {
	return value === '' || truths.has(value);
}
