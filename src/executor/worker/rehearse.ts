import {assemble} from '../../isolation/step-program/assemble.ts';
import {stepProgram} from '../../isolation/step-program/step-program.ts';
import {diffIdOf} from '../../rootfs/layer-chunks.ts';
import {walkTree} from '../../rootfs/walk-tree.ts';
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

/**
 * Does what the first step will do, with nothing, while nobody asks for anything: what is done for the first time takes four times as long. The
 * program of a step comes first, then, while the first step runs, the scan and the digest of a layer.
 */
export function rehearse(session: Session): void {
	setImmediate(() => rehearseProgram(session));
	void session.meanwhile.turn().then(() => rehearseLayer(session));
}

function rehearseProgram(session: Session): void {
	if (!session.canMount) return;
	const {lower, binds} = session.scaffold;
	const root = {kind: 'overlay', lowers: [lower], upper: '/upper', work: '/work', lowerByLower: true} as const;
	const user = {uid: 0, gid: 0, groups: [], home: '/root'};
	const spec = stepSpecOf(session, request, {root, binds, user, mounts: noMounts, limits: {}});
	assemble(stepProgram(spec), spec.architecture);
}

function rehearseLayer({scaffold: {lower}}: Session): void {
	diffIdOf(lower, [...walkTree(lower)]);
}
