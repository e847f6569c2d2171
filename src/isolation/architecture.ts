import {allowedCalls, privilegedCalls} from './syscall-table.ts';

/** A processor architecture that steps can be started on, by Node's name. */
export interface Architecture {
	readonly name: 'x64' | 'arm64';
	/** e_machine of its ELF files (elf.h). */
	readonly machine: number;
	/** AUDIT_ARCH_* as seccomp filters see it (linux/audit.h). */
	readonly audit: number;
	/** Numbers of the calls that a step may make freely. */
	readonly allowed: readonly number[];
	has(call: string): boolean;
	/** Throws RangeError for a call that is in neither table. */
	number(call: string): number;
}

export const architectures: ReadonlyMap<string, Architecture> = new Map([
	['x64', describe('x64', 1, 62, 0xc000_003e)],
	['arm64', describe('arm64', 2, 183, 0xc000_00b7)],
]);

function describe(name: Architecture['name'], column: 1 | 2, machine: number, audit: number): Architecture {
	let known: Tables | undefined;
	const tables = (): Tables => (known ??= readTables(column));
	return {
		name,
		machine,
		audit,
		has: (call) => tables().all.has(call),
		get allowed() {
			return tables().allowed;
		},
		number(call) {
			const found = tables().all.get(call);
			if (found === undefined) throw new RangeError(`no system call ${call} on ${name}`);
			return found;
		},
	};
}

interface Tables {
	/** Numbers by name. */
	readonly all: ReadonlyMap<string, number>;
	/** Those of `allowedCalls`. */
	readonly allowed: readonly number[];
}

function readTables(column: 1 | 2): Tables {
	const allowed = parseTable(allowedCalls, column);
	return {all: new Map([...allowed, ...parseTable(privilegedCalls, column)]), allowed: [...allowed.values()].sort((a, b) => a - b)};
}

function parseTable(table: string, column: 1 | 2): Map<string, number> {
	const numbers = new Map<string, number>();
	for (const row of table.trim().split(/\s+/v)) {
		const fields = row.split(':');
		const number = fields[column];
		if (number !== undefined && number !== '') numbers.set(fields[0] ?? '', Number(number));
	}
	return numbers;
}
