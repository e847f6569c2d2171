import type {Diagnostic, Label} from './diagnostic.ts';
import {formatMemory} from '../core/format-memory.ts';
import {limitFacts, type LimitOfStep} from './limits.ts';

export interface FailedStep {
	readonly label: Label;
	/** The command on one line. */
	readonly command: string;
	readonly exitCode: number;
	/** How often it ran. */
	readonly attempts?: number;
	/** Name of the signal that killed it. */
	readonly signal?: string;
	readonly lastLines: readonly string[];
	readonly log: string;
	readonly limits?: readonly LimitOfStep[];
}

/** One whose processes the kernel killed at its memory limit has a code of its own. */
export function stepFailed(step: FailedStep): Diagnostic {
	const {limits = []} = step;
	const memory = exceededMemory(step);
	const facts = limitFacts(limits);
	return {
		code: memory !== undefined ? 'step/out-of-memory' : step.signal === undefined ? 'step/exit-code' : 'step/signal',
		severity: 'error',
		message:
			memory === undefined ? `the command ${howItEnds(step)}` : `the command needs more memory than its limit of ${formatMemory(memory)}`,
		primary: step.label,
		because: [...facts.because, ...(memory === undefined ? [] : [`it ${howItEnds(step)}`]), ...said(step)],
		help: [...facts.help, `read its whole output: ${step.log}`],
		data: {exitCode: step.exitCode, ...(step.signal === undefined ? {} : {signal: step.signal}), log: step.log, ...attemptsOf(step)},
	};
}

export interface LateStep {
	readonly label: Label;
	/** As written. */
	readonly limit: string;
	readonly attempts: number;
	readonly lastLines: readonly string[];
	readonly log: string;
}

export function stepTimeout(step: LateStep): Diagnostic {
	return {
		code: 'step/timeout',
		severity: 'error',
		message: `the command is killed because it has not ended after ${step.limit}`,
		primary: step.label,
		because: said(step),
		help: [`read its whole output: ${step.log}`, 'give it more time with `--timeout`'],
		data: {limit: step.limit, log: step.log, ...attemptsOf(step)},
	};
}

/** Why an attempt did not succeed: the limit of its time, or how it ended. */
export type FailedAttempt = {readonly limit: string} | Pick<FailedStep, 'exitCode' | 'signal' | 'limits'>;

export function stepRetried(label: Label, failed: FailedAttempt, count: {readonly attempt: number; readonly of: number}): Diagnostic {
	const memory = 'limit' in failed ? undefined : exceededMemory(failed);
	const how =
		'limit' in failed
			? `is killed after ${failed.limit}`
			: memory === undefined
				? howItEnds(failed)
				: `needs more memory than its limit of ${formatMemory(memory)}`;
	return {
		code: 'step/retried',
		severity: 'warning',
		message: `the command ${how} and runs again`,
		primary: label,
		because: [`this was attempt ${count.attempt} of ${count.of}`],
		data: {attempt: count.attempt, attempts: count.of},
	};
}

/** The memory limit at which the kernel killed something. */
function exceededMemory({limits = []}: Pick<FailedStep, 'limits'>): number | undefined {
	return limits.find(({name, hits}) => name === 'memory' && hits > 0)?.value;
}

function howItEnds({exitCode, signal}: Pick<FailedStep, 'exitCode' | 'signal'>): string {
	return signal === undefined ? `exits with code ${exitCode}` : `is killed by ${signal}`;
}

function said({attempts = 1, lastLines}: Pick<FailedStep, 'attempts' | 'lastLines'>): readonly string[] {
	return [
		...(attempts === 1 ? [] : [`this was the last of ${attempts} attempts`]),
		lastLines.length === 0 ? 'it printed nothing' : `its last lines were:\n${lastLines.join('\n')}`,
	];
}

function attemptsOf({attempts = 1}: Pick<FailedStep, 'attempts'>): {readonly attempts?: number} {
	return attempts === 1 ? {} : {attempts};
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

/** `ids` is `uid:gid` of the user. */
export function userNotSwitched({source, span}: Label, user: string, ids: string): Diagnostic {
	return {
		code: 'step/user-not-switched',
		severity: 'warning',
		message: `the command runs as \`${user}\` in name only`,
		primary: {source, span},
		because: [
			`steps have one user id here; the command is told that it is ${ids}, and what it makes belongs to that, but it can read, change and delete what only root may`,
		],
		help: [
			'a range in /etc/subuid and /etc/subgid, and newuidmap (Debian package uidmap), give steps all ids; `boxbuild doctor` shows what is missing',
		],
		data: {user, ids},
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

/** `what` only namespaces make possible. */
export function stepNeedsNamespaces(what: string): Diagnostic {
	return {
		code: 'step/needs-namespaces',
		severity: 'error',
		message: `${what} is not possible without namespaces`,
		because: ['this machine lets nobody make namespaces, so steps have a root directory of their own and nothing more'],
		help: ['build where user namespaces are allowed, or as root with CAP_SYS_ADMIN; `boxbuild doctor` shows what is missing'],
		data: {what},
	};
}

/** An empty `errno`: the program that starts the step did not report. */
export function stepSetup(label: Label, purpose: string, errno: string): Diagnostic {
	return {
		code: 'step/setup',
		severity: 'error',
		message: `the sandbox of the step cannot be set up`,
		primary: label,
		because: [errno === '' ? `${purpose}: it ended before it could say how the command ended` : `${purpose}: the kernel answers ${errno}`],
		help: ['run `boxbuild doctor` to see what this machine allows'],
		data: {purpose, errno},
	};
}
