import {lstatSync, mkdirSync, rmSync} from 'node:fs';
import type {StepEvents, StepFailure} from '../../isolation/step-runner.ts';
import type {MaskedPaths, StepSpec} from '../../isolation/step-spec.ts';
import {errnoName} from '../../host/libc.ts';
import type {OwnersByInode} from '../../isolation/owner-answers.ts';
import {ownerXattr} from '../../rootfs/id-map.ts';
import {countIds} from '../../isolation/id-map.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {lookupUser, type User} from '../../rootfs/user-names.ts';
import type {View} from '../../rootfs/driver.ts';
import {type Session, writeScript} from './session.ts';
import {aptConfiguration, hostName} from './scaffold.ts';
import {noMounts, prepareMounts, type StepMounts} from './step-mounts.ts';
import type {ExecReply, ExecRequest} from './protocol.ts';
import type {ScanTimes} from './file-thread-protocol.ts';
import {withinTime} from './within-time.ts';

const noMasks: MaskedPaths = {files: [], directories: [], readOnly: []};

/** Milliseconds. */
const briefly = 300;

/** Runs one command on a stack and turns what it changed into a layer. */
export async function runStep(session: Session, request: ExecRequest, output: StepEvents['output']): Promise<ExecReply> {
	const {layers, running} = session;
	const abort = new AbortController();
	running.set(request.step, abort);
	const links = await layers.lowers(request.stack);
	const view = await layers.view(links);
	try {
		const directory = `${session.directory}/s${layers.fresh()}`;
		for (const name of ['', '/upper', '/work']) mkdirSync(directory + name);
		// Whole seconds are what layers hold, so a file written in the second of the start counts as written by the step.
		const started = Date.now();
		const start = Math.floor(started / 1000);
		const mounts = await mountsOf(session, request, {view, directory: `${directory}/points`, signal: abort.signal});
		const ended = await execute(session, request, {directory, links, view, output, signal: abort.signal, mounts}).finally(() =>
			mounts.close(),
		);
		if (ended.kind !== 'done' || request.discard === true) {
			if (request.mayRunAgain === true || request.discard === true) await session.pool.idlest().run('remove', {path: directory});
			return ended;
		}
		// A command that ran so briefly cannot have written much: its scan is over before a thread would have started.
		const files = Date.now() - started < briefly ? session.pool.local : session.pool.idlest();
		const held = layers.fresh();
		const times: ScanTimes = request.times.kind === 'since' ? {...request.times, start} : request.times;
		const {owners, actingFor, ...done} = ended;
		const recorded = {...(owners === undefined ? {} : {owners}), ...(actingFor === undefined ? {} : {newOwner: actingFor})};
		const layer = await files.run('scan', {held, upper: `${directory}/upper`, lower: view?.path ?? null, times, ...recorded});
		return {...done, ...(actingFor === undefined ? {} : {actingFor}), layer: layers.adopt(`${directory}/upper`, layer, files, held)};
	} finally {
		running.delete(request.step);
		await view?.close();
	}
}

interface Execution {
	readonly directory: string;
	readonly links: readonly string[];
	readonly view: View | undefined;
	readonly output: StepEvents['output'];
	readonly signal: AbortSignal;
	readonly mounts: StepMounts;
}

async function mountsOf(
	session: Session,
	{mounts = [], stack}: ExecRequest,
	where: {readonly view: View | undefined; readonly directory: string; readonly signal: AbortSignal},
): Promise<StepMounts> {
	if (mounts.length === 0) return noMounts;
	mkdirSync(where.directory);
	return prepareMounts(session, {requests: mounts, host: stack.host, ...where});
}

/** How a command ended, and the owners of what it made as far as the upperdir does not say them. */
type Executed = Exclude<ExecReply, {kind: 'done'}> | (Extract<ExecReply, {kind: 'done'}> & {readonly owners?: OwnersByInode});

async function execute(session: Session, request: ExecRequest, execution: Execution): Promise<Executed> {
	const {scaffold, layers, ids} = session;
	const {directory, links, view, output, signal, mounts} = execution;
	const userRoot = request.stack.host ? '/' : (view?.path ?? scaffold.lower);
	const user = userOf(request, userRoot);
	const hasOneId = countIds(ids.uids) === 1;
	// The only id that there is stands in for the others.
	const actingFor = hasOneId && (user.uid !== 0 || user.gid !== 0) ? {uid: user.uid, gid: user.gid} : undefined;
	const {uid, gid} = actingFor === undefined ? user : {uid: 0, gid: 0};
	const script = request.script === undefined ? undefined : writeScript(session, request.script.path, request.script.content);
	const bottom = request.stack.host ? scaffold.hostLower : scaffold.lower;
	const limits = session.limits.open(`step-${layers.fresh()}`);
	const mounted = await layers.gate.read();
	const root = await session.driver.root({
		lowers: [...mounts.lowers, ...links, bottom],
		upper: `${directory}/upper`,
		work: `${directory}/work`,
		mountpoint: `${directory}/merged`,
	});
	try {
		const spec: StepSpec = {
			architecture: session.architecture,
			root: root.mount,
			mountpoint: `${session.directory}/root`,
			devices: scaffold.devices,
			binds: [
				...(request.stack.host ? scaffold.hostBinds : []),
				...scaffold.binds,
				...(request.script === undefined || script === undefined ? [] : [{source: script, target: request.script.path, optional: false}]),
				...mounts.binds,
			],
			masks: request.insecure === true ? noMasks : scaffold.masks,
			insecure: request.insecure === true,
			hostname: hostName,
			network: request.network,
			args: request.args,
			env: withHome(withMounts([...request.env, ...(hasOneId ? aptSettings(request, userRoot) : [])], mounts), user.home),
			cwd: request.cwd,
			uid,
			gid,
			// As BuildKit does since CVE-2022-36109: a process that drops its group must not get rights by that.
			groups: user.groups.includes(gid) ? user.groups : [gid, ...user.groups],
			canSetGroups: ids.canSetGroups,
			...(hasOneId ? {recordOwners: {xattr: ownerXattr, ...(actingFor === undefined ? {} : {actingFor})}} : {}),
			maxFiles: session.maxFiles,
			limits: limits.spec,
			...(mounts.programDirectory === undefined ? {} : {programDirectory: mounts.programDirectory}),
		};
		const result = await withinTime(request.timeout, signal, (ended) => session.runner.run(spec, {output, mounted}, ended));
		if (result === undefined) return {kind: 'too-late'};
		if ('failure' in result) return notStarted(result.failure);
		const {exitCode, userTime, systemTime, peakMemory, owners, signal: killedBy} = result.end;
		const limited = limits.report();
		// Whatever the command made of a process that was killed for memory: without the limit it had yielded something else.
		if (exitCode !== 0 || limited.some(({name, hits}) => name === 'memory' && hits > 0))
			return {kind: 'failed', exitCode, ...(killedBy === undefined ? {} : {signal: killedBy}), limits: limited};
		const end = {kind: 'done', layer: {}, cpu: userTime + systemTime, peakMemory} as const;
		return {
			...end,
			...(owners === undefined ? {} : {owners}),
			...(actingFor === undefined ? {} : {actingFor: `${actingFor.uid}:${actingFor.gid}`}),
		};
	} finally {
		mounted();
		await limits.close();
		await root.close();
		if (script !== undefined) rmSync(script, {force: true});
	}
}

function notStarted({purpose, errno}: StepFailure): ExecReply & {readonly kind: 'not-started'} {
	return {kind: 'not-started', purpose, errno: errno === 0 ? '' : errnoName(errno)};
}

/** With one id apt cannot become its own user for downloads; its configuration can say that it need not. */
function aptSettings({env}: ExecRequest, root: string): ExecRequest['env'] {
	const isNeeded =
		lstatSync(`${root}/usr/bin/apt-get`, {throwIfNoEntry: false})?.isFile() === true && !env.some(([name]) => name === 'APT_CONFIG');
	return !isNeeded ? [] : [['APT_CONFIG', aptConfiguration]];
}

/** Without USER it is root with root's groups, where the image has an account file that says them. */
function userOf({user, stack}: ExecRequest, root: string): User {
	if (user !== '') return lookupUser(root, user);
	const plain: User = {uid: 0, gid: 0, groups: [], home: '/root'};
	if (stack.host) return plain;
	try {
		return {...plain, groups: lookupUser(root, '0').groups};
	} catch (error) {
		if (error instanceof BuildError) return plain;
		throw error;
	}
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
