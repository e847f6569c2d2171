import {mkdirSync, rmSync} from 'node:fs';
import type {RawPath} from '../../core/raw-path.ts';
import type {StepEvents, StepFailure} from '../../isolation/step-runner.ts';
import type {Bind} from '../../isolation/step-spec.ts';
import {errnoName} from '../../host/libc.ts';
import {countIds} from '../../isolation/id-map.ts';
import {stepNeedsNamespaces} from '../../diagnostics/step.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import type {User} from '../../rootfs/user-names.ts';
import type {StepMount, StepRoot} from '../../rootfs/driver.ts';
import {countFiles} from '../../rootfs/count-files.ts';
import {type Session, writeScript} from './session.ts';
import type {Standing} from './asked-steps.ts';
import {makePlace, type StepPlace} from './foresee-step.ts';
import {makeDevices} from './scaffold.ts';
import {stepSpecOf} from './step-spec-of.ts';
import {PlacedBinds} from './placed-binds.ts';
import {noMounts, prepareMounts, type StepMounts} from './step-mounts.ts';
import type {ExecReply, ExecRequest, MadeLayer} from './protocol.ts';
import type {ScanTimes} from './file-thread-protocol.ts';
import {LateView} from './shared-views.ts';
import {withinTime} from './within-time.ts';

/** Files whose scan is over before a thread has started (40 ms). */
const fewFiles = 300;
/** Files that are looked up in layers before a view of these is there. */
const veryFewFiles = 40;
/** Milliseconds: a step that takes longer has a view made meanwhile, of one lowerdir in 0.5 ms, of hundreds in ten. */
const shortStep = 5;

/** How others take part in a step. */
export interface StepWitness {
	readonly output: StepEvents['output'];
	/** Its first process has been started. */
	started(standing: Standing): void;
}

/** Runs one command on a stack and turns what it changed into a layer. */
export async function runStep(session: Session, request: ExecRequest, place: StepPlace, witness: StepWitness): Promise<ExecReply> {
	const {layers, running} = session;
	assertPossible(session, request);
	const facts = request.foreign === undefined ? [] : session.emulation.prepare(request.foreign);
	const abort = new AbortController();
	running.set(request.step, abort);
	const {directory} = place;
	const links = await layers.lowers(request.stack);
	const below = new LateView(session.views, links);
	let root: StepRoot | undefined;
	let mounted = (): void => {};
	try {
		makePlace(place);
		// Whole seconds are what layers hold, so a file written in the second of the start counts as written by the step.
		const started = Date.now();
		const start = Math.floor(started / 1000);
		const user = await userOf(session, request, below);
		const mounts = await mountsOf(session, request, {below, directory: `${directory}/points`, signal: abort.signal});
		const made = await openRoot(session, request, {directory, links, mounts});
		({root, mounted} = made);
		const untouched: RawPath[] = [];
		const tell = (): void => witness.started({stack: request.stack, lowers: [String(place.held), ...links]});
		const execution = {...made, user, directory, untouched, below, output: witness.output, started: tell, signal: abort.signal, mounts};
		const {reply, gone} = await execute(session, request, execution).finally(() => mounts.close());
		if (reply.kind === 'not-started' && facts.length > 0) return {...reply, facts};
		if (reply.kind !== 'done' || request.discard === true) {
			await gone;
			await root.close();
			if (request.mayRunAgain === true || request.discard === true) await session.pool.idlest().run('remove', {path: directory});
			return reply;
		}
		const times: ScanTimes = request.times.kind === 'since' ? {...request.times, start} : request.times;
		const layer = await snapshot(session, root, {...place, untouched, below, times, hasPoints: mounts.lowers.length > 0, gone});
		return {...reply, layer, leavings: directory};
	} finally {
		running.delete(request.step);
		mounted();
		try {
			await root?.close();
		} finally {
			session.meanwhile.later(() => below.close());
		}
	}
}

/** The root for a step; `mounted` is called when its layers may be renamed again: before that nobody may wait for a view. */
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

interface Snapshot extends StepPlace, Pick<Execution, 'untouched'> {
	readonly below: LateView;
	readonly times: ScanTimes;
	/** The root has mount points that no layer has. */
	readonly hasPoints: boolean;
	/** Resolves when nothing of the step is mounted any more. */
	readonly gone: Promise<void>;
}

/** Makes a layer of what a step changed. */
async function snapshot(session: Session, root: StepRoot, about: Snapshot): Promise<MadeLayer> {
	const {pool, layers, ids, driver} = session;
	const {directory, held, untouched, below, times, hasPoints, gone} = about;
	// An overlay's upperdir can be read meanwhile; what serves another root ends here.
	if (root.mount.kind !== 'overlay') await gone;
	const upper = await root.changes(untouched);
	const count = countFiles(upper, fewFiles);
	const files = count <= fewFiles ? pool.local : pool.idlest();
	const isSmall = driver.uppersInStore && count <= veryFewFiles;
	const {path: lower, between} = await (isSmall ? below.nearly() : below.whole());
	// Those between may move to the store at any time.
	const leave = between.length > 0 ? await layers.gate.read() : (): void => {};
	const scanned = await files.run('scan', {held, upper, lower, between, times, mapped: ids}).finally(leave);
	// To stack an upperdir that is still mounted as one is an error (EBUSY) where overlayfs keeps an index.
	await gone;
	let settled = upper;
	if (!driver.uppersInStore) {
		settled = `${directory}/layer`;
		mkdirSync(settled);
		await files.run('move', {held, from: upper, to: settled, lower, ids});
	}
	const layer = layers.adopt(settled, scanned, files, held);
	// A tree with mount points is like no other stack.
	if (root.reuse !== undefined && !hasPoints) {
		// It may move to the store at any time.
		const end = await layers.gate.read();
		await root.reuse(layers.linkOf(layer)).finally(end);
	}
	return layer;
}

interface Execution {
	readonly root: StepRoot;
	readonly mounted: () => void;
	readonly user: User;
	/** Of the step's own. */
	readonly directory: string;
	/** Gets the paths that were moved away from the root and back. */
	readonly untouched: RawPath[];
	readonly below: LateView;
	readonly output: StepEvents['output'];
	readonly started: () => void;
	readonly signal: AbortSignal;
	readonly mounts: StepMounts;
}

async function mountsOf(
	session: Session,
	{mounts = [], stack}: ExecRequest,
	{below, ...where}: {readonly below: LateView; readonly directory: string; readonly signal: AbortSignal},
): Promise<StepMounts> {
	if (mounts.length === 0) return noMounts;
	mkdirSync(where.directory);
	return prepareMounts(session, {requests: mounts, host: stack.host, below: (await below.whole()).path, ...where});
}

/** How a command ended; `gone`: and nothing of it is mounted any more. */
interface Ended {
	readonly reply: ExecReply;
	readonly gone: Promise<void>;
}

async function execute(session: Session, request: ExecRequest, execution: Execution): Promise<Ended> {
	const {scaffold, layers, ids, runner, meanwhile} = session;
	const {root, mounted, user, directory, below, output, signal, mounts} = execution;
	const started = (): void => {
		execution.started();
		meanwhile.starting();
	};
	let later: NodeJS.Timeout | undefined;
	const runs = (): void => {
		// It is needed after the command, or not at all.
		later ??= setTimeout(() => void below.nearly(), shortStep);
		meanwhile.take();
	};
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
		const result = await withinTime(request.timeout, signal, (ended) => runner.run(spec, {output, mounted, started, running: runs}, ended));
		const over = (reply: ExecReply): Ended => ({reply, gone: Promise.resolve()});
		if (result === undefined) return over({kind: 'too-late'});
		if ('failure' in result) {
			session.sightings.forget();
			return over(notStarted(result.failure));
		}
		const {gone} = result;
		const {exitCode, userTime, systemTime, peakMemory, signal: killedBy} = result.end;
		const limited = limits.report();
		// Whatever the command made of a process that was killed for memory: without the limit it had yielded something else.
		if (exitCode !== 0 || limited.some(({name, hits}) => name === 'memory' && hits > 0))
			return {reply: {kind: 'failed', exitCode, ...(killedBy === undefined ? {} : {signal: killedBy}), limits: limited}, gone};
		const actingFor = countIds(ids.uids) === 1 && user.uid !== 0 ? {actingFor: `${user.uid}:${user.gid}`} : {};
		return {reply: {kind: 'done', layer: {}, cpu: userTime + systemTime, peakMemory, ...actingFor}, gone};
	} finally {
		clearTimeout(later);
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

async function userOf({users, scaffold}: Session, {user, stack}: ExecRequest, below: LateView): Promise<User> {
	return users.known(user, stack) ?? users.find(user, stack, stack.host ? '/' : ((await below.whole()).path ?? scaffold.lower));
}
