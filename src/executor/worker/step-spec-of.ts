import {answersFor} from '../../isolation/answers-for.ts';
import type {Bind, MaskedPaths, RootMount, StepLimits, StepSpec} from '../../isolation/step-spec.ts';
import type {User} from '../../rootfs/user-names.ts';
import type {ExecRequest} from './protocol.ts';
import {hostName} from './scaffold.ts';
import type {Session} from './session.ts';
import type {StepMounts} from './step-mounts.ts';

const noMasks: MaskedPaths = {files: [], directories: [], readOnly: []};

export interface StepParts {
	readonly root: RootMount;
	readonly binds: readonly Bind[];
	readonly user: User;
	readonly mounts: StepMounts;
	readonly limits: StepLimits;
}

/** All that a step runner has to know of a command. */
export function stepSpecOf(session: Session, request: ExecRequest, {root, binds, user, mounts, limits}: StepParts): StepSpec {
	const {uid, gid, home} = user;
	const {canMount, ids, scaffold} = session;
	const insecure = request.insecure === true;
	// As BuildKit does since CVE-2022-36109: a process that drops its group must not get rights by that.
	const groups = user.groups.includes(gid) ? user.groups : [gid, ...user.groups];
	const answers = canMount ? answersFor(ids, {groups: uid === 0 ? groups : [], insecure}) : undefined;
	return {
		architecture: session.architecture,
		hasNamespaces: canMount,
		root,
		mountpoint: `${session.directory}/root`,
		binds,
		masks: insecure ? noMasks : scaffold.masks,
		insecure,
		hostname: hostName,
		network: request.network,
		args: request.args,
		env: withHome(withMounts(request.env, mounts), home),
		cwd: request.cwd,
		uid,
		gid,
		groups,
		canSetGroups: ids.canSetGroups,
		...(answers === undefined ? {} : {answers}),
		maxFiles: session.maxFiles,
		limits,
		...(mounts.programDirectory === undefined ? {} : {programDirectory: mounts.programDirectory}),
	};
}

/** A secret replaces a variable of its name; an agent's socket leaves a declared one alone, as BuildKit does. */
function withMounts(env: ExecRequest['env'], {env: more}: StepMounts): ExecRequest['env'] {
	const declared = new Set(env.map(([name]) => name));
	const added = more.filter(([name]) => name !== 'SSH_AUTH_SOCK' || !declared.has(name));
	const names = new Set(added.map(([name]) => name));
	return [...env.filter(([name]) => !names.has(name)), ...added];
}

/** HOME comes from the passwd entry of the user unless it is declared, as runc does. */
function withHome(env: ExecRequest['env'], home: string): string[] {
	const entries = env.map(([name, value]) => `${name}=${value}`);
	return env.some(([name]) => name === 'HOME') ? entries : [...entries, `HOME=${home}`];
}
