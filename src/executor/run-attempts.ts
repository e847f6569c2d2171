import {renderText} from '../diagnostics/render-text.ts';
import type {Step} from '../plan/plan.ts';
import type {BuildContext} from './build-context.ts';
import {retryOf} from './explain-step.ts';
import type {StepLog} from './step-log.ts';
import type {ExecReply} from './worker/protocol.ts';

/** The last attempt of a command, which of them it was, and when it started (milliseconds since 1970). */
export interface LastAttempt {
	readonly reply: ExecReply;
	readonly attempts: number;
	readonly ranAt: number;
}

/** Runs a command until it succeeds or has used up its attempts; what cannot even start is not tried again. */
export async function runAttempts(
	context: BuildContext,
	{step, log}: {readonly step: Step; readonly log: StepLog},
	run: (mayRunAgain: boolean) => Promise<ExecReply>,
): Promise<LastAttempt> {
	const all = 1 + (step.hints.retry ?? 0);
	for (let attempts = 1; ; attempts++) {
		const ranAt = Date.now();
		const reply = await run(attempts < all);
		const hasRun = reply.kind === 'failed' || reply.kind === 'too-late';
		if (!hasRun || attempts === all || context.isStopped) return {reply, attempts, ranAt};
		context.signal.throwIfAborted();
		const notice = retryOf(reply, step, {attempt: attempts, of: all});
		context.events.warned([notice]);
		log.mark(renderText([notice]).trimEnd());
	}
}
