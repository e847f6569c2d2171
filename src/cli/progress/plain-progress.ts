import {StringDecoder} from 'node:string_decoder';
import {renderText} from '../../diagnostics/render-text.ts';
import {limitsLine} from '../../diagnostics/limits.ts';
import {plainText} from '../../diagnostics/plain-text.ts';
import type {Step} from '../../plan/plan.ts';
import type {Terminal} from '../command.ts';
import type {Progress} from './progress.ts';
import {howStepsRun} from './how-steps-run.ts';
import {formatDuration, StepNames} from './step-names.ts';
import {Transfers} from './transfers.ts';

/** Characters of a line that are kept until its end comes: a step can print for ever without one. */
const longestLine = 16_384;

/** Lines for logs: every step with its time, its output as it comes. */
export function plainProgress(terminal: Terminal): Progress {
	const names = new StepNames();
	const transfers = new Transfers();
	const partial = new Map<number, string>();
	/** A character may come in two pieces. */
	const decoders = new Map<number, StringDecoder>();
	const decoderOf = ({id}: Step): StringDecoder => {
		const decoder = decoders.get(id) ?? new StringDecoder('utf8');
		decoders.set(id, decoder);
		return decoder;
	};
	const print = (step: Step, text: string): void => terminal.err(`${names.prefix(step)} ${text}\n`);
	const flush = (step: Step): void => {
		const rest = (partial.get(step.id) ?? '') + decoderOf(step).end();
		partial.delete(step.id);
		decoders.delete(step.id);
		if (rest !== '') print(step, `| ${plainText(rest)}`);
	};
	return {
		end: () => {},
		events: {
			warned: (diagnostics) => {
				if (diagnostics.length > 0) terminal.err(renderText(diagnostics));
			},
			planned: (plan, platform) => names.plan(plan, platform),
			workerStarted: (about) => {
				terminal.err(`${howStepsRun(about)}\n`);
				if (about.limits.length > 0) terminal.err(`${limitsLine(about.limits)}\n`);
			},
			stepStarted: () => {},
			stepOutput(step, chunk) {
				if (!partial.has(step.id)) terminal.err(`${names.title(step)}\n`);
				const lines = ((partial.get(step.id) ?? '') + decoderOf(step).write(Buffer.from(chunk))).split('\n');
				const rest = lines.pop() ?? '';
				const isTooLong = rest.length > longestLine;
				partial.set(step.id, isTooLong ? '' : rest);
				if (isTooLong) lines.push(rest);
				for (const line of lines) print(step, `| ${plainText(line)}`);
			},
			stepEnded(step, outcome, milliseconds) {
				const spoke = partial.has(step.id);
				flush(step);
				const how =
					outcome === 'hit'
						? 'cached'
						: outcome === 'ran'
							? `done in ${formatDuration(milliseconds)}`
							: `failed after ${formatDuration(milliseconds)}`;
				terminal.err(spoke ? `${names.prefix(step)} ${how}\n` : `${names.title(step)} ${how}\n`);
			},
			transferred: (transfer) => {
				const line = transfers.take(transfer);
				if (line !== undefined) terminal.err(`${line}\n`);
			},
			exporting: (description) => terminal.err(`writing ${description}\n`),
		},
	};
}
