import type {Diagnostic, Label} from '../../../src/diagnostics/diagnostic.ts';
import * as step from '../../../src/diagnostics/step.ts';
import {storeLayerDamaged, storeLayerMissing} from '../../../src/diagnostics/store-layer.ts';

const text = 'FROM scratch\nRUN make check\n';
const label: Label = {source: {name: 'Boxfile', text}, span: {start: 13, end: 27}};
const log = '~/.local/share/boxbuild/logs/4f2a/3.log';

export const samples: readonly Diagnostic[] = [
	step.stepFailed({label, command: 'RUN make check', exitCode: 2, lastLines: ['test 3 ... not ok', 'make: *** [check] Error 1'], log}),
	step.stepFailed({label, command: 'RUN make check', exitCode: 137, signal: 'SIGKILL', lastLines: [], log}),
	step.stepFailed({label, command: 'RUN make check', exitCode: 2, attempts: 3, lastLines: ['test 3 ... not ok'], log}),
	step.stepFailed({
		label,
		command: 'RUN make check',
		exitCode: 137,
		signal: 'SIGKILL',
		lastLines: ['linking'],
		log,
		limits: [{name: 'memory', value: 512 * 1024 ** 2, hits: 1}],
	}),
	step.stepFailed({
		label,
		command: 'RUN make check',
		exitCode: 2,
		lastLines: ['fork: retry'],
		log,
		limits: [
			{name: 'memory', value: 2e9, hits: 0},
			{name: 'pids', value: 100, hits: 3},
		],
	}),
	step.stepFailed({label, command: 'RUN make check', exitCode: 2, lastLines: [], log, limits: [{name: 'pids', value: 100, hits: 0}]}),
	step.stepTimeout({label, limit: '1m30s', attempts: 1, lastLines: ['waiting for the mirror'], log}),
	step.stepTimeout({label, limit: '1m30s', attempts: 4, lastLines: [], log}),
	step.stepRetried(label, {exitCode: 100}, {attempt: 1, of: 3}),
	step.stepRetried(label, {exitCode: 139, signal: 'SIGSEGV'}, {attempt: 2, of: 3}),
	step.stepRetried(label, {exitCode: 0, limits: [{name: 'memory', value: 2 ** 29, hits: 2}]}, {attempt: 1, of: 3}),
	step.stepRetried(label, {limit: '1m30s'}, {attempt: 1, of: 3}),
	step.stepCommandNotFound(label, 'make', 'ENOENT'),
	step.stepWorkingDirectory(label, '/srv/app', 'EACCES'),
	step.userNotSwitched(label, 'www-data', '33:33'),
	step.stepUserNotMapped(label, 'www-data', 'EINVAL'),
	step.stepSetup(label, 'mounting /proc', 'EPERM'),
	step.stepNeedsNamespaces('a step without network'),
	step.stepSetup(label, 'running the step program', ''),
	storeLayerMissing(`sha256:${'ab'.repeat(32)}`),
	storeLayerDamaged(`sha256:${'ab'.repeat(32)}`, `sha256:${'cd'.repeat(32)}`),
];
