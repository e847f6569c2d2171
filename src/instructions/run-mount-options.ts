/** What `--mount` can be. */
export const mountTypes = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
export type MountType = (typeof mountTypes)[number];

export type MountOption =
	| 'type'
	| 'from'
	| 'source'
	| 'target'
	| 'readonly'
	| 'readwrite'
	| 'required'
	| 'size'
	| 'id'
	| 'sharing'
	| 'mode'
	| 'uid'
	| 'gid'
	| 'env';

interface OptionRule {
	readonly names: readonly string[];
	/** May stand without a value, which then means true. */
	readonly bare?: boolean;
	/** What a value has to be, in words that follow "it has to be"; undefined when it is fine. */
	readonly expected?: (value: string) => string | undefined;
	/** What there is to choose from. */
	readonly values?: readonly string[];
}

const bool = (value: string): string | undefined => (booleanOf(value) === undefined ? '`true` or `false`' : undefined);
const id = (value: string): string | undefined =>
	/^\d+$/v.test(value) && Number(value) <= 4_294_967_294 ? undefined : 'a number up to 4294967294';
const oneOf = (values: readonly string[]): Pick<OptionRule, 'expected' | 'values'> => ({
	expected: (value) => (values.includes(value.toLowerCase()) ? undefined : `one of ${values.map((known) => `\`${known}\``).join(', ')}`),
	values,
});

export const sharingModes = ['shared', 'private', 'locked'] as const;

export const mountOptions: Readonly<Record<MountOption, OptionRule>> = {
	type: {names: ['type'], ...oneOf(mountTypes)},
	from: {names: ['from']},
	source: {names: ['source', 'src']},
	target: {names: ['target', 'dst', 'destination']},
	readonly: {names: ['readonly', 'ro'], bare: true, expected: bool},
	readwrite: {names: ['readwrite', 'rw'], bare: true, expected: bool},
	required: {names: ['required'], bare: true, expected: bool},
	size: {names: ['size'], expected: (value) => (bytesOf(value) === undefined ? 'a number of bytes such as `512m` or `2g`' : undefined)},
	id: {names: ['id']},
	sharing: {names: ['sharing'], ...oneOf(sharingModes)},
	mode: {names: ['mode'], expected: (value) => (/^0*[0-7]{1,4}$/v.test(value) ? undefined : 'octal digits such as `0755`')},
	uid: {names: ['uid'], expected: id},
	gid: {names: ['gid'], expected: id},
	env: {
		names: ['env'],
		expected: (value) => (/^[A-Za-z_][A-Za-z0-9_]*$/v.test(value) ? undefined : 'the name of a variable: letters, digits and `_`'),
	},
};

/** The options of each type. */
export const optionsOfType: Readonly<Record<MountType, readonly MountOption[]>> = {
	bind: ['type', 'target', 'source', 'from', 'readwrite', 'readonly'],
	cache: ['type', 'id', 'target', 'readonly', 'readwrite', 'sharing', 'from', 'source', 'mode', 'uid', 'gid'],
	tmpfs: ['type', 'target', 'size', 'readonly', 'readwrite'],
	secret: ['type', 'id', 'target', 'source', 'required', 'mode', 'uid', 'gid', 'env', 'readonly'],
	ssh: ['type', 'id', 'target', 'required', 'mode', 'uid', 'gid', 'readonly'],
};

/** The option that a name stands for. */
export function optionNamed(name: string): MountOption | undefined {
	return (Object.keys(mountOptions) as MountOption[]).find((option) => mountOptions[option].names.includes(name));
}

/** Go's strconv.ParseBool, which BuildKit uses. */
export function booleanOf(value: string): boolean | undefined {
	if (/^(?:1|t|T|TRUE|true|True)$/v.test(value)) return true;
	return /^(?:0|f|F|FALSE|false|False)$/v.test(value) ? false : undefined;
}

/** `64m`, `1.5GiB`, `1024`: powers of 1024. */
export function bytesOf(value: string): number | undefined {
	const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp])?(?:i?b)?$/iv.exec(value) ?? [];
	if (number === undefined) return undefined;
	const bytes = Math.floor(Number(number) * 1024 ** ' kmgtp'.indexOf(unit === '' ? ' ' : unit.toLowerCase()));
	return Number.isSafeInteger(bytes) ? bytes : undefined;
}
