import type {Diagnostic, Label} from './diagnostic.ts';

export interface FailedStep {
	readonly label: Label;
	/** The command on one line. */
	readonly command: string;
	readonly exitCode: number;
	/** Name of the signal that killed it. */
	readonly signal?: string;
	readonly lastLines: readonly string[];
	readonly log: string;
}

export function stepFailed(step: FailedStep): Diagnostic {
	const how = step.signal === undefined ? `exits with code ${step.exitCode}` : `is killed by ${step.signal}`;
	return {
		code: step.signal === undefined ? 'step/exit-code' : 'step/signal',
		severity: 'error',
		message: `the command ${how}`,
		primary: step.label,
		because: step.lastLines.length === 0 ? ['it printed nothing'] : [`its last lines were:\n${step.lastLines.join('\n')}`],
		help: [`read its whole output: ${step.log}`],
		data: {exitCode: step.exitCode, ...(step.signal === undefined ? {} : {signal: step.signal}), log: step.log},
	};
}

export function stepCommandNotFound(label: Label, command: string, errno: string): Diagnostic {
	const facts: Readonly<Record<string, string>> = {
		ENOENT: `\`${command}\`, or the interpreter it names, does not exist in the step's file system`,
		EACCES: `\`${command}\` exists in the step's file system but may not be executed`,
		ENOEXEC: `\`${command}\` is not a program for this machine`,
	};
	return {
		code: 'step/cannot-start',
		severity: 'error',
		message: `the command \`${command}\` cannot be started`,
		primary: label,
		because: [facts[errno] ?? `the kernel answers ${errno}`],
		help: ['name a program that the image has, or install it in an earlier step'],
		data: {command, errno},
	};
}

export function stepWorkingDirectory(label: Label, directory: string, errno: string): Diagnostic {
	return {
		code: 'step/working-directory',
		severity: 'error',
		message: `the working directory \`${directory}\` cannot be entered`,
		primary: label,
		because: [`the kernel answers ${errno}`],
		help: ['make it a directory that the user of the step can enter'],
		data: {directory, errno},
	};
}

export function stepUserNotMapped(label: Label, user: string, errno: string): Diagnostic {
	return {
		code: 'step/user-not-mapped',
		severity: 'error',
		message: `this machine cannot run a step as user \`${user}\``,
		primary: label,
		because: [`the kernel answers ${errno}: the user namespace does not have that id`],
		help: [
			'give your user a range in /etc/subuid and /etc/subgid and install newuidmap (Debian package uidmap); `boxbuild doctor` shows what is missing',
		],
		data: {user, errno},
	};
}

export function stepSetup(label: Label, purpose: string, errno: string): Diagnostic {
	return {
		code: 'step/setup',
		severity: 'error',
		message: `the sandbox of the step cannot be set up`,
		primary: label,
		because: [`${purpose}: the kernel answers ${errno}`],
		help: ['run `boxbuild doctor` to see what this machine allows'],
		data: {purpose, errno},
	};
}
