import {writeFileSync} from 'node:fs';
import {architectures} from '../../src/isolation/architecture.ts';
import {droppedCapabilities} from '../../src/isolation/capabilities.ts';
import {seccompProfile} from '../../src/isolation/seccomp-profile.ts';
import {assemble} from '../../src/isolation/step-program/assemble.ts';
import {instruction} from '../../src/isolation/step-program/instruction.ts';

/**
 * Writes a program that runs a command as in a container with default settings: Docker's default capabilities, so no CAP_SYS_ADMIN, and a
 * filter that lets nobody make namespaces or mount. Somebody else than root can only have such a filter with no_new_privs.
 */
export function writeStockContainer(
	file: string,
	command: readonly [string, ...string[]],
	env: Readonly<Record<string, string>>,
	{noNewPrivileges = false}: {readonly noNewPrivileges?: boolean} = {},
): void {
	const architecture = architectures.get(process.arch);
	if (architecture === undefined) throw new Error(`no step program for ${process.arch}`);
	const purpose = 'making a container';
	const program = [
		...(noNewPrivileges ? [instruction(purpose, 'prctl', [38, 1, 0, 0, 0])] : []),
		instruction(purpose, 'seccomp', [1, 0, {filter: seccompProfile(architecture)}]),
		...droppedCapabilities.map((number) => instruction(purpose, 'prctl', [24, number, 0, 0, 0], {onFailure: 'ignore'})),
		instruction(purpose, 'execve', [
			command[0],
			{strings: command},
			{strings: Object.entries(env).map(([name, value]) => `${name}=${value}`)},
		]),
	];
	writeFileSync(file, assemble(program, architecture), {mode: 0o755});
}
