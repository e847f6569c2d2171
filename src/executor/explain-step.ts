import {constants} from 'node:os';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {envForeignProgram} from '../diagnostics/env.ts';
import {stepMountTarget} from '../diagnostics/mount.ts';
import {
	type FailedStep,
	stepCommandNotFound,
	stepFailed,
	stepRetried,
	stepSetup,
	stepTimeout,
	stepUserNotMapped,
	stepWorkingDirectory,
} from '../diagnostics/step.ts';
import type {Platform} from '../oci/image-config.ts';
import {printPlatform} from '../oci/select-platform.ts';
import type {ExecOp, Step} from '../plan/plan.ts';
import type {StepLog} from './step-log.ts';
import type {ExecReply} from './worker/protocol.ts';

/** Lines of a failed step's output in its diagnostic. */
const shownLines = 20;

/** Why a step failed. */
export function explainStep(
	{reply, attempts, platform}: {readonly reply: Exclude<ExecReply, {kind: 'done'}>; readonly attempts: number; readonly platform: Platform},
	step: Step,
	op: ExecOp,
	log: StepLog,
): Diagnostic {
	const label = {source: step.origin.source, span: step.origin.span};
	const {timeout} = step.hints;
	const output = {attempts, lastLines: log.lastLines(shownLines), log: log.path};
	if (reply.kind === 'too-late')
		return stepTimeout({label: {...label, span: timeout?.span ?? label.span}, limit: timeout?.text ?? '', ...output});
	if (reply.kind === 'failed') {
		return stepFailed({label, command: step.origin.text, ...endOf(reply), ...output});
	}
	const {purpose, errno, facts = []} = reply;
	const mount = op.mounts?.find(({target}) => target !== undefined && purpose === `binding ${target}`);
	if (mount?.target !== undefined)
		return {primary: {...label, span: mount.span}, ...stepMountTarget(mount.target, `the kernel answers ${errno} there`)};
	if (purpose.startsWith('starting ') && errno === 'ENOEXEC' && facts.length > 0)
		return envForeignProgram(label, {command: op.args[0] ?? '', platform: printPlatform(platform), facts});
	if (purpose.startsWith('starting ')) return stepCommandNotFound(label, op.args[0] ?? '', errno);
	if (purpose.startsWith('entering the working directory')) return stepWorkingDirectory(label, op.cwd, errno);
	if (purpose.startsWith('becoming ') && errno === 'EINVAL') return stepUserNotMapped(label, op.user, errno);
	return stepSetup(label, purpose, errno);
}

/** What is said when a failed command runs again. */
export function retryOf(
	reply: Extract<ExecReply, {kind: 'failed' | 'too-late'}>,
	{origin: {source, span}, hints: {timeout}}: Step,
	count: {readonly attempt: number; readonly of: number},
): Diagnostic {
	return stepRetried({source, span}, reply.kind === 'too-late' ? {limit: timeout?.text ?? ''} : endOf(reply), count);
}

function endOf({exitCode, signal, limits = []}: Extract<ExecReply, {kind: 'failed'}>): Pick<FailedStep, 'exitCode' | 'signal' | 'limits'> {
	return {exitCode, limits, ...(signal === undefined ? {} : {signal: signalName(signal)})};
}

function signalName(number: number): string {
	return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
