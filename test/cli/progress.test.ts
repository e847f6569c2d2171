import test from 'ava';
import type {Terminal} from '../../src/cli/command.ts';
import {startProgress} from '../../src/cli/progress/progress.ts';
import type {Plan, Step} from '../../src/plan/plan.ts';

const source = {name: 'Boxfile', text: 'FROM scratch\nRUN make\n'};
const escape = '\u{1b}';
const span = {start: 13, end: 21};
const base: Step = {
	id: 0,
	op: {kind: 'base', base: {kind: 'scratch'}, platform: {os: 'linux', architecture: 'amd64'}},
	hints: {noCache: false},
	origin: {source, span: {start: 0, end: 12}, text: 'FROM scratch'},
	stage: 0,
};
const run: Step = {...base, id: 1, parent: 0, op: {kind: 'config'}, origin: {source, span, text: 'RUN make\tall'}};
const step: Step = {...run, op: {kind: 'make-directory', path: '/x'}};
const plan: Plan = {
	steps: [base, step],
	stages: [{index: 0, name: 'app', platform: {os: 'linux', architecture: 'amd64'}, steps: [0, 1], config: {}, host: false}],
	target: 0,
};

function fake(columns: number | undefined): {readonly terminal: Terminal; readonly text: () => string} {
	let written = '';
	const terminal: Terminal = {
		out: () => {},
		err: (text) => {
			written += text;
		},
		columns,
		colour: false,
	};
	return {terminal, text: () => written};
}

test('plain lines show each step with its time, its output as it comes, and whole lines only', (t) => {
	const {terminal, text} = fake(undefined);
	const {events, end} = startProgress('auto', terminal);
	events.planned(plan);
	events.stepStarted(step);
	events.stepOutput(step, Buffer.from('one\ntw'));
	events.stepOutput(step, Buffer.from('o\nthree'));
	events.stepEnded(step, 'ran', 1234);
	end();
	t.is(text(), '[app 1/1] RUN make all\n[app 1/1] | one\n[app 1/1] | two\n[app 1/1] | three\n[app 1/1] done in 1.23s\n');
});

test('a character that comes in two pieces is one', (t) => {
	const {terminal, text} = fake(undefined);
	const {events} = startProgress('plain', terminal);
	events.planned(plan);
	const bytes = Buffer.from('grün\n');
	events.stepOutput(step, bytes.subarray(0, 3));
	events.stepOutput(step, bytes.subarray(3));
	t.is(text(), '[app 1/1] RUN make all\n[app 1/1] | grün\n');
});

test('a cached step is one line', (t) => {
	const {terminal, text} = fake(undefined);
	const {events} = startProgress('plain', terminal);
	events.planned(plan);
	events.stepStarted(step);
	events.stepEnded(step, 'hit', 1);
	t.is(text(), '[app 1/1] RUN make all cached\n');
});

test('output cannot move the cursor or set colours', (t) => {
	const {terminal, text} = fake(undefined);
	const {events} = startProgress('plain', terminal);
	events.planned(plan);
	events.stepStarted(step);
	events.stepOutput(step, Buffer.from('\u{1b}[2Jgone\u{1b}]0;title\u{7}\n'));
	t.is(text(), '[app 1/1] RUN make all\n[app 1/1] | gone\n');
});

test('a terminal shows running steps and their last line, cut to its width, and keeps one line of a finished one', (t) => {
	const {terminal, text} = fake(30);
	const {events, end} = startProgress('auto', terminal);
	events.planned(plan);
	events.stepStarted(step);
	events.stepOutput(step, Buffer.from(`first\n${'x'.repeat(50)}\n`));
	events.exporting('oci to x.tar');
	events.stepEnded(step, 'ran', 2000);
	end();
	const lines = text().split('\n');
	t.true(lines.some((line) => line.startsWith('> [app 1/1] RUN make')));
	t.true(
		lines.every(
			(line) =>
				line
					.split(escape)
					.map((part) => part.replace(/^\[\d*[AJ]/v, ''))
					.join('').length <= 30,
		),
	);
	t.true(lines.some((line) => line.includes('. [app 1/1] RUN make a… 2.00s')));
	// What was drawn and does not stay is erased.
	t.true(text().includes(`A${escape}[J`));
});

test('quiet progress says nothing of steps', (t) => {
	const {terminal, text} = fake(80);
	const {events, end} = startProgress('quiet', terminal);
	events.planned(plan);
	events.stepStarted(step);
	events.stepEnded(step, 'ran', 5);
	end();
	t.is(text(), '');
});
