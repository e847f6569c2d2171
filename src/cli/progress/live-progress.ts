import {renderText} from '../../diagnostics/render-text.ts';
import {limitsLine} from '../../diagnostics/limits.ts';
import {plainText} from '../../diagnostics/plain-text.ts';
import type {Step} from '../../plan/plan.ts';
import type {Terminal} from '../command.ts';
import type {Progress} from './progress.ts';
import {howStepsRun} from './how-steps-run.ts';
import {formatDuration, StepNames} from './step-names.ts';
import {Transfers} from './transfers.ts';

const interval = 80;

interface Running {
	readonly step: Step;
	readonly start: number;
	lastLine: string;
}

/** A block at the bottom with the running steps, their time and last line; finished steps scroll away above it. */
export function liveProgress(terminal: Terminal): Progress {
	const names = new StepNames();
	const transfers = new Transfers();
	const running = new Map<number, Running>();
	const columns = terminal.columns ?? 80;
	let drawn = 0;
	let exporting = '';
	const clear = (): string => (drawn === 0 ? '' : `\u{1b}[${drawn}A\u{1b}[J`);
	const draw = (above: string): void => {
		const rows = [...running.values()].flatMap(({step, start, lastLine}) => {
			const time = formatDuration(performance.now() - start);
			const title = `${names.title(step, columns - time.length - 4)} ${time}`;
			return lastLine === '' ? [`> ${title}`] : [`> ${title}`, `  ${lastLine.slice(0, columns - 3)}`];
		});
		rows.push(...transfers.lines().map((line) => `> ${line}`));
		if (exporting !== '') rows.push(`> writing ${exporting}`);
		terminal.err(clear() + above + rows.map((row) => `${row}\n`).join(''));
		drawn = rows.length;
	};
	const timer = setInterval(() => draw(''), interval);
	timer.unref();
	return {
		end() {
			clearInterval(timer);
			running.clear();
			exporting = '';
			draw('');
		},
		events: {
			warned: (diagnostics) => {
				if (diagnostics.length > 0) draw(renderText(diagnostics));
			},
			planned: (plan, platform) => names.plan(plan, platform),
			workerStarted: (about) => {
				const {facts, limits} = about;
				const lines = [...(facts.length === 0 ? [] : [howStepsRun(about)]), ...(limits.length === 0 ? [] : [limitsLine(limits)])];
				if (lines.length > 0) draw(lines.map((line) => `${line}\n`).join(''));
			},
			stepStarted: (step) => void running.set(step.id, {step, start: performance.now(), lastLine: ''}),
			stepOutput(step, chunk) {
				const entry = running.get(step.id);
				const line = plainText(Buffer.from(chunk).toString().trimEnd().split('\n').at(-1) ?? '');
				if (entry !== undefined && line !== '') entry.lastLine = line;
			},
			stepEnded(step, outcome, milliseconds) {
				running.delete(step.id);
				const how = outcome === 'hit' ? 'cached' : formatDuration(milliseconds);
				draw(`${outcome === 'failed' ? 'x' : '.'} ${names.title(step, columns - how.length - 4)} ${how}\n`);
			},
			transferred: (transfer) => {
				const line = transfers.take(transfer);
				if (line !== undefined) draw(`. ${line}\n`);
			},
			exporting: (description) => {
				exporting = description;
				draw('');
			},
		},
	};
}
