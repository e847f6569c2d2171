/** An argument of a system call in a step program. */
export type Argument =
	| number
	| bigint
	/** Address of the text as a NUL-terminated string. */
	| string
	/** Address of these bytes. */
	| {readonly bytes: Uint8Array}
	/** Address of a NULL-terminated array of strings: argv, envp. */
	| {readonly strings: readonly string[]}
	/** Address of a sock_fprog for this filter (linux/filter.h). */
	| {readonly filter: Uint8Array}
	/** The result of the instruction just before. */
	| {readonly result: 'previous'}
	/** The result of an earlier instruction, so many of them back. */
	| {readonly resultBack: number}
	/** Address of a zeroed buffer of this many bytes; equal names share one. */
	| {readonly buffer: string; readonly size: number};

/** What happens when the call fails. Default: the program reports it and ends. */
export type OnFailure = 'report' | 'ignore' | {readonly jump: number};

/** One system call. */
export interface Instruction {
	/** Name of the call. */
	readonly call: string;
	readonly args: readonly Argument[];
	/** What it is for, in the words of an error message: "mounting the overlay". */
	readonly purpose: string;
	readonly onFailure?: OnFailure;
	/** Instructions to jump over when the result is not zero: how the parent leaves its child's part after clone. Below zero: back, -1 is this one again. */
	readonly jumpIfNonZero?: number;
}

export function instruction(purpose: string, call: string, args: readonly Argument[], more: Partial<Instruction> = {}): Instruction {
	return {purpose, call, args, ...more};
}

/** Runs `first`; when its first instruction fails, `second` in its place. */
export function either(first: readonly Instruction[], second: readonly Instruction[]): Instruction[] {
	const head = first[0];
	if (head === undefined) return [...second];
	return [
		{...head, onFailure: {jump: first.length}},
		...first.slice(1),
		instruction('going on', 'getpid', [], {jumpIfNonZero: second.length}),
		...second,
	];
}
