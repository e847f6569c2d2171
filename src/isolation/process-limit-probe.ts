import {spawnSync} from 'node:child_process';
import {rmSync, writeFileSync} from 'node:fs';
import type {Architecture} from './architecture.ts';
import {assemble} from './step-program/assemble.ts';
import {instruction} from './step-program/instruction.ts';
import {limitResources} from './step-program/limit-instructions.ts';

const childEnded = 17;

/**
 * True where RLIMIT_NPROC holds for processes of root of this namespace: tried with a program that may not start another one. The kernel
 * lets the machine's own root pass, and whoever has CAP_SYS_RESOURCE or CAP_SYS_ADMIN outside of every user namespace (getrlimit(2)).
 * `directory` takes the program file.
 */
export function countsProcesses(architecture: Architecture, directory: string): boolean {
	const file = `${directory}/fork`;
	const program = [
		...limitResources({processes: 1}),
		// Its child, where there is one, is told from it by the result and ends at once.
		instruction('starting a process', 'clone', [childEnded, 0, 0, 0, 0], {onFailure: {jump: 1}}),
		instruction('ending', 'exit_group', [1]),
		instruction('ending', 'exit_group', [0]),
	];
	writeFileSync(file, assemble(program, architecture), {mode: 0o700});
	try {
		return spawnSync(file, [], {env: {}, stdio: 'ignore'}).status === 0;
	} finally {
		rmSync(file, {force: true});
	}
}
