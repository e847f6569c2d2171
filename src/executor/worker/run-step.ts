import {mkdirSync, rmSync} from 'node:fs';
import type {StepEvents} from '../../isolation/step-runner.ts';
import type {MaskedPaths, StepSpec} from '../../isolation/step-spec.ts';
import {errnoName} from '../../host/libc.ts';
import {answersFor} from '../../isolation/answers-for.ts';
import {countIds} from '../../isolation/id-map.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {lookupUser, type User} from '../../rootfs/user-names.ts';
import type {View} from '../../rootfs/driver.ts';
import {type Session, writeScript} from './session.ts';
import {hostName} from './scaffold.ts';
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
		const layer = await files.run('scan', {held, upper: `${directory}/upper`, lower: view?.path ?? null, times});
		return {...ended, layer: layers.adopt(`${directory}/upper`, layer, files, held)};
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

async function execute(session: Session, request: ExecRequest, execution: Execution): Promise<ExecReply> {
	const {scaffold, layers, ids} = session;
	const {directory, links, view, output, signal, mounts} = execution;
	const userRoot = request.stack.host ? '/' : (view?.path ?? scaffold.lower);
	const user = userOf(request, userRoot);
	const {uid, gid} = user;
	// As BuildKit does since CVE-2022-36109: a process that drops its group must not get rights by that.
	const groups = user.groups.includes(gid) ? user.groups : [gid, ...user.groups];
	const answers = answersFor(ids, {groups: uid === 0 ? groups : [], insecure: request.insecure === true});
	const script = request.script === undefined ? undefined : writeScript(session, request.script.path, request.script.content);
	const bottom = request.stack.host ? scaffold.hostLower : scaffold.lower;
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
			env: withHome(withMounts(request.env, mounts), user.home),
			cwd: request.cwd,
			uid,
			gid,
			groups,
			canSetGroups: ids.canSetGroups,
			...(answers === undefined ? {} : {answers}),
			maxFiles: session.maxFiles,
			...(mounts.programDirectory === undefined ? {} : {programDirectory: mounts.programDirectory}),
		};
		const result = await withinTime(request.timeout, signal, (ended) => session.runner.run(spec, {output, mounted}, ended));
		if (result === undefined) return {kind: 'too-late'};
		if ('failure' in result) return {kind: 'not-started', purpose: result.failure.purpose, errno: errnoName(result.failure.errno)};
		const {exitCode, userTime, systemTime, peakMemory, signal: killedBy} = result.end;
		if (exitCode !== 0) return {kind: 'failed', exitCode, ...(killedBy === undefined ? {} : {signal: killedBy})};
		const end = {kind: 'done', layer: {}, cpu: userTime + systemTime, peakMemory} as const;
		return {
			...end,
			...(countIds(ids.uids) === 1 && uid !== 0 ? {actingFor: `${uid}:${gid}`} : {}),
		};
	} finally {
		mounted();
		await root.close();
		if (script !== undefined) rmSync(script, {force: true});
	}
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
