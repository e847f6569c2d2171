import {renderText} from '../../diagnostics/render-text.ts';
import {limitsLine} from '../../diagnostics/limits.ts';
import {plainText} from '../../diagnostics/plain-text.ts';
import type {Step} from '../../plan/plan.ts';
import type {Terminal} from '../command.ts';
import type {Progress} from './progress.ts';
import {formatDuration, StepNames} from './step-names.ts';

/** Lines for logs: every step with its time, its output as it comes. */
export function plainProgress(terminal: Terminal): Progress {
	const names = new StepNames();
	const partial = new Map<number, string>();
	const print = (step: Step, text: string): void => terminal.err(`${names.prefix(step)} ${text}\n`);
	const flush = (step: Step): void => {
		const rest = partial.get(step.id) ?? '';
		partial.delete(step.id);
		if (rest !== '') print(step, `| ${plainText(rest)}`);
	};
	return {
		end: () => {},
		events: {
			warned: (diagnostics) => {
				if (diagnostics.length > 0) terminal.err(renderText(diagnostics));
			},
			planned: (plan) => names.plan(plan),
			workerStarted: ({driver, ids, facts, limits}) => {
				terminal.err(
					`steps run with the ${driver} driver and ${idWords[ids] ?? ids}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}\n`,
				);
				if (limits.length > 0) terminal.err(`${limitsLine(limits)}\n`);
			},
			stepStarted: () => {},
			stepOutput(step, chunk) {
				if (!partial.has(step.id)) terminal.err(`${names.title(step)}\n`);
				const lines = ((partial.get(step.id) ?? '') + Buffer.from(chunk).toString()).split('\n');
				partial.set(step.id, lines.pop() ?? '');
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
			exporting: (description) => terminal.err(`writing ${description}\n`),
		},
	};
}

const idWords: Readonly<Record<string, string>> = {multi: 'a range of user ids', single: 'one user id', root: "root's user ids"};
