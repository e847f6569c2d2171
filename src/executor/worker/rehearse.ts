import {assemble} from '../../isolation/step-program/assemble.ts';
import {stepProgram} from '../../isolation/step-program/step-program.ts';
import type {ExecRequest} from './protocol.ts';
import type {Session} from './session.ts';
import {noMounts} from './step-mounts.ts';
import {stepSpecOf} from './step-spec-of.ts';

const request: ExecRequest = {
	step: -1,
	stack: {host: false, layers: []},
	args: ['/bin/sh', '-c', 'true'],
	env: [['PATH', '/bin']],
	user: '',
	cwd: '/',
	network: 'host',
	times: {kind: 'keep'},
};

/** Makes the program of a step that nobody runs, while nobody asks for anything: what is done for the first time takes eight times as long. */
export function rehearse(session: Session): void {
	if (!session.canMount) return;
	const {lower, binds} = session.scaffold;
	const root = {kind: 'overlay', lowers: [lower], upper: '/upper', work: '/work', lowerByLower: true} as const;
	const user = {uid: 0, gid: 0, groups: [], home: '/root'};
	const spec = stepSpecOf(session, request, {root, binds, user, mounts: noMounts, limits: {}});
	assemble(stepProgram(spec), spec.architecture);
}
