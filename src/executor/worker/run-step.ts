import {mkdirSync, rmdirSync, rmSync} from 'node:fs';
import type {RawPath} from '../../core/raw-path.ts';
import type {StepEvents, StepFailure} from '../../isolation/step-runner.ts';
import type {Bind} from '../../isolation/step-spec.ts';
import {errnoName} from '../../host/libc.ts';
import {countIds} from '../../isolation/id-map.ts';
import {stepNeedsNamespaces} from '../../diagnostics/step.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {errnoOf} from '../../host/errno.ts';
import {removeTree} from '../../rootfs/remove-tree.ts';
import {lookupUser, type User} from '../../rootfs/user-names.ts';
import type {StepMount, StepRoot, View} from '../../rootfs/driver.ts';
import {hasFewFiles} from '../../rootfs/has-few-files.ts';
import {type Session, writeScript} from './session.ts';
import {makeDevices} from './scaffold.ts';
import {stepSpecOf} from './step-spec-of.ts';
import {PlacedBinds} from './placed-binds.ts';
import {noMounts, prepareMounts, type StepMounts} from './step-mounts.ts';
import type {ExecReply, ExecRequest, MadeLayer} from './protocol.ts';
import type {ScanTimes, TaskOf} from './file-thread-protocol.ts';
import {withinTime} from './within-time.ts';

/** Files whose scan is over before a thread has started (40 ms). */
const fewFiles = 300;

/** Runs one command on a stack and turns what it changed into a layer. */
export async function runStep(session: Session, request: ExecRequest, output: StepEvents['output']): Promise<ExecReply> {
	const {layers, running} = session;
	assertPossible(session, request);
	const facts = request.foreign === undefined ? [] : session.emulation.prepare(request.foreign);
	const abort = new AbortController();
	running.set(request.step, abort);
	const links = await layers.lowers(request.stack);
	const view = await layers.view(links);
	let root: StepRoot | undefined;
	let mounted = (): void => {};
	try {
		const directory = `${session.directory}/s${layers.fresh()}`;
		mkdirSync(directory);
		// Whole seconds are what layers hold, so a file written in the second of the start counts as written by the step.
		const started = Date.now();
		const start = Math.floor(started / 1000);
		const mounts = await mountsOf(session, request, {view, directory: `${directory}/points`, signal: abort.signal});
		const made = await openRoot(session, request, {directory, links, mounts});
		({root, mounted} = made);
		const untouched: RawPath[] = [];
		const ended = await execute(session, request, {...made, directory, untouched, view, output, signal: abort.signal, mounts}).finally(() =>
			mounts.close(),
		);
		if (ended.kind === 'not-started' && facts.length > 0) return {...ended, facts};
		if (ended.kind !== 'done' || request.discard === true) {
			await root.close();
			if (request.mayRunAgain === true || request.discard === true) await session.pool.idlest().run('remove', {path: directory});
			return ended;
		}
		const times: ScanTimes = request.times.kind === 'since' ? {...request.times, start} : request.times;
		const options = {lower: view?.path ?? null, times, mapped: session.ids};
		const about = {directory, untouched, options, hasPoints: mounts.lowers.length > 0};
		const layer = await snapshot(session, root, about);
		void Promise.resolve(layer.pending === undefined ? undefined : layers.hashed(layer.pending))
			.then(() => session.meanwhile.lull())
			.then(() => tidy(directory))
			.catch(() => {});
		return {...ended, layer};
	} finally {
		running.delete(request.step);
		mounted();
		try {
			await root?.close();
		} finally {
			await view?.close();
		}
	}
}

/** Takes away what an overlay leaves of a step beside its layer; what is left of that goes with the build. */
function tidy(directory: string): void {
	removeTree(`${directory}/work`);
	for (const path of [`${directory}/upper`, directory]) {
		try {
			rmdirSync(path);
		} catch (error) {
			// It is the layer's directory, or there was none.
			if (!['ENOTEMPTY', 'ENOENT'].includes(errnoOf(error))) throw error;
		}
	}
}

/** The root for a step; `mounted` is called when its layers may be renamed again. */
async function openRoot(
	{layers, driver, scaffold}: Session,
	{stack}: ExecRequest,
	{directory, links, mounts}: {readonly directory: string; readonly links: readonly string[]; readonly mounts: StepMounts},
): Promise<{readonly root: StepRoot; readonly mounted: () => void}> {
	const bottom = stack.host ? scaffold.host().lower : scaffold.lower;
	const mounted = await layers.gate.read();
	try {
		return {root: await driver.root({lowers: [...mounts.lowers, ...links, bottom], directory}), mounted};
	} catch (error) {
		mounted();
		await mounts.close();
		throw error;
	}
}

interface Snapshot extends Pick<Execution, 'directory' | 'untouched'> {
	readonly options: ScanRequest;
	/** The root has mount points that no layer has. */
	readonly hasPoints: boolean;
}

/** Makes a layer of what a step changed. */
async function snapshot(session: Session, root: StepRoot, {directory, untouched, options, hasPoints}: Snapshot): Promise<MadeLayer> {
	const {pool, layers, ids, driver} = session;
	const held = layers.fresh();
	const upper = await root.changes(untouched);
	const files = hasFewFiles(upper, fewFiles) ? pool.local : pool.idlest();
	const scanned = await files.run('scan', {held, upper, ...options});
	let settled = upper;
	if (!driver.uppersInStore) {
		settled = `${directory}/layer`;
		mkdirSync(settled);
		await files.run('move', {held, from: upper, to: settled, lower: options.lower, ids});
	}
	const layer = layers.adopt(settled, scanned, files, held);
	// A tree with mount points is like no other stack.
	if (root.reuse !== undefined && !hasPoints) {
		// It may move to the store at any time.
		const leave = await layers.gate.read();
		await root.reuse(layers.linkOf(layer)).finally(leave);
	}
	return layer;
}

type ScanRequest = Omit<TaskOf<'scan'>, 'held' | 'upper'>;

interface Execution {
	readonly root: StepRoot;
	readonly mounted: () => void;
	/** Of the step's own. */
	readonly directory: string;
	/** Gets the paths that were moved away from the root and back. */
	readonly untouched: RawPath[];
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
	const {scaffold, layers, ids, runner, meanwhile} = session;
	const {root, mounted, directory, view, output, signal, mounts} = execution;
	const user = userOf(request, request.stack.host ? '/' : (view?.path ?? scaffold.lower));
	const script = request.script === undefined ? undefined : writeScript(session, request.script);
	const binds: readonly Bind[] = [
		...(request.stack.host ? scaffold.host().binds : []),
		...scaffold.binds,
		...(script === undefined ? [] : [script]),
		...mounts.binds,
	];
	const limits = session.limits.open(`step-${layers.fresh()}`);
	let placed: PlacedBinds | undefined;
	try {
		if (!session.canMount) placed = placeBinds(root.mount, directory, binds);
		const spec = stepSpecOf(session, request, {root: root.mount, binds, user, mounts, limits: limits.spec});
		const result = await withinTime(request.timeout, signal, (ended) =>
			runner.run(spec, {output, mounted, started: () => meanwhile.starting(), running: () => meanwhile.take()}, ended),
		);
		if (result === undefined) return {kind: 'too-late'};
		if ('failure' in result) {
			session.sightings.forget();
			return notStarted(result.failure);
		}
		const {exitCode, userTime, systemTime, peakMemory, signal: killedBy} = result.end;
		const limited = limits.report();
		// Whatever the command made of a process that was killed for memory: without the limit it had yielded something else.
		if (exitCode !== 0 || limited.some(({name, hits}) => name === 'memory' && hits > 0))
			return {kind: 'failed', exitCode, ...(killedBy === undefined ? {} : {signal: killedBy}), limits: limited};
		const actingFor = countIds(ids.uids) === 1 && user.uid !== 0 ? {actingFor: `${user.uid}:${user.gid}`} : {};
		return {kind: 'done', layer: {}, cpu: userTime + systemTime, peakMemory, ...actingFor};
	} finally {
		mounted();
		execution.untouched.push(...(placed?.close() ?? []));
		if (script !== undefined) rmSync(script.source, {force: true});
		await limits.close();
	}
}

/** Throws step/needs-namespaces for what only namespaces make possible. */
function assertPossible({canMount}: Session, {stack, network}: ExecRequest): void {
	if (canMount) return;
	if (stack.host) throw new BuildError(stepNeedsNamespaces('a step on `FROM host`'));
	if (network === 'none') throw new BuildError(stepNeedsNamespaces('a step without network'));
}

/** Puts into the root what cannot be mounted there. */
function placeBinds(mount: StepMount, directory: string, binds: readonly Bind[]): PlacedBinds {
	if (mount.kind !== 'directory') throw new Error('without namespaces the root of a step is a directory');
	const devices = {source: makeDevices(`${directory}/dev`, binds), target: '/dev', optional: false, own: true};
	const placed = new PlacedBinds(mount.path, `${directory}/aside`);
	try {
		for (const bind of [devices, ...binds]) placed.place(bind);
		placed.finish();
		return placed;
	} catch (error) {
		placed.close();
		throw error;
	}
}

function notStarted({purpose, errno}: StepFailure): ExecReply & {readonly kind: 'not-started'} {
	return {kind: 'not-started', purpose, errno: errno === 0 ? '' : errnoName(errno)};
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
