import {lstatSync} from 'node:fs';
import {hostPath, type RawPath, textOf} from '../../core/raw-path.ts';
import {stepMountTarget} from '../../diagnostics/mount.ts';
import {stepNeedsNamespaces} from '../../diagnostics/step.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {errnoOf} from '../../host/errno.ts';
import type {Lock} from '../../host/lock.ts';
import {makeBeneath} from '../../host/walk-beneath.ts';
import type {Bind} from '../../isolation/step-spec.ts';
import {holdCache, type HeldCache} from './cache-directory.ts';
import {MountPoints, type Root} from './mount-points.ts';
import type {CacheRequest, MountRequest, TargetedRequest} from './mount-request.ts';
import {agentSource, cacheSource, copyFilesSource, type MountSource, secretSource, tmpfsSource, treeSource} from './mount-sources.ts';
import type {Session} from './session.ts';

/** Everything that `--mount` adds to one step. */
export interface StepMounts {
	readonly binds: readonly Bind[];
	/** Lowerdirs above all layers: mount points that the image lacks. */
	readonly lowers: readonly string[];
	readonly env: readonly (readonly [name: string, value: string])[];
	/** Set when the program of the step must not be on a disk. */
	readonly programDirectory?: string;
	/** Unmounts, frees caches and deletes what is not kept. */
	close(): Promise<void>;
}

export interface StepMountsOptions {
	readonly requests: readonly MountRequest[];
	/** Path of a view of what is below; null for nothing. */
	readonly below: string | null;
	/** The stage starts from the host. */
	readonly host: boolean;
	/** An empty directory for mount points, on the store's file system. */
	readonly directory: string;
	readonly signal: AbortSignal;
}

export const noMounts: StepMounts = {binds: [], lowers: [], env: [], close: async () => {}};

/** Makes the mounts of a step in the worker's namespace; the step program clones them into the step's. */
export async function prepareMounts(session: Session, options: StepMountsOptions): Promise<StepMounts> {
	const {requests, signal} = options;
	if (requests.length === 0) return noMounts;
	const caches = new Map<string, HeldCache>();
	const sources: MountSource[] = [];
	const close = async (): Promise<void> => {
		for (const source of sources.toReversed()) await source.close();
		for (const {lock} of caches.values()) (lock satisfies Lock).release();
	};
	try {
		// In one order everywhere: two steps never wait for each other.
		for (const cache of strongest(requests).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
			// What is moved into a step's root is in no other one.
			const sharing = cache.sharing === 'shared' && !session.canMount ? 'locked' : cache.sharing;
			caches.set(cache.name, await holdCache(`${session.store.directory}/mounts/${cache.name}`, sharing, signal));
		}
		const points = new MountPoints({directory: options.directory, roots: rootsOf(session, options), ids: session.ids});
		const placed = placesOf(requests, points);
		const binds: Bind[] = [];
		for (const {request, path, parent} of placed) {
			const isParent = placed.some((other) => other.parent === path);
			const source = await openRequest(session, request, {isParent, caches, signal});
			sources.push(source);
			if (!session.canMount && binds.some((bind) => overlaps(bind.source, source.path)))
				throw new BuildError(stepNeedsNamespaces('one cache at two places of a step'));
			if (parent === undefined) makePoint(path, source.kind, {request, points, session, host: options.host});
			else
				makeInside(
					placed.findLastIndex((other) => other.path === parent),
					path.slice(parent.length + 1),
					{request, sources, kind: source.kind},
				);
			const target = `/${textOf(path)}`;
			binds.push({source: source.path, target, optional: false, writable: 'writable' in request && request.writable, own: true});
		}
		points.finish();
		const secret = requests.some(({kind}) => kind === 'variable');
		return {
			binds,
			lowers: points.isEmpty ? [] : [session.layers.link(options.directory)],
			env: variablesOf(requests),
			...(secret ? {programDirectory: session.mounts.fresh()} : {}),
			close,
		};
	} catch (error) {
		await close();
		throw error;
	}
}

/** One request a cache: the one that shares least. */
function strongest(requests: readonly MountRequest[]): readonly CacheRequest[] {
	const found = new Map<string, CacheRequest>();
	for (const sharing of ['shared', 'private', 'locked'] as const)
		for (const request of requests) if (request.kind === 'cache' && request.sharing === sharing) found.set(request.name, request);
	return [...found.values()];
}

function rootsOf({scaffold}: Session, {below, host}: StepMountsOptions): readonly Root[] {
	const layers: readonly Root[] = below === null ? [] : [{path: below, certain: true}];
	if (!host) return [...layers, {path: scaffold.lower, certain: false}];
	const {lower, binds} = scaffold.host();
	const only = binds.map(({target}) => target.slice(1) as RawPath);
	return [{path: '', certain: true, only}, ...layers, {path: lower, certain: false}];
}

function overlaps(one: string, other: string): boolean {
	return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

interface Place {
	readonly request: TargetedRequest;
	/** Resolved inside the root. */
	readonly path: RawPath;
	/** The nearest mount that it lies in. */
	readonly parent: RawPath | undefined;
}

/** Outer mounts before those inside them, otherwise as written. */
function placesOf(requests: readonly MountRequest[], points: MountPoints): readonly Place[] {
	const resolved = requests.flatMap((request) => (request.kind === 'variable' ? [] : [{request, path: points.resolve(request.target)}]));
	const sorted = resolved.toSorted((a, b) => a.path.split('/').length - b.path.split('/').length);
	return sorted.map(({request, path}, index) => {
		const outer = sorted.slice(0, index).filter((other) => path.startsWith(`${other.path}/`));
		return {request, path, parent: outer.at(-1)?.path};
	});
}

function openRequest(
	session: Session,
	request: TargetedRequest,
	{isParent, caches, signal}: {readonly isParent: boolean; readonly caches: ReadonlyMap<string, HeldCache>; readonly signal: AbortSignal},
): Promise<MountSource> | MountSource {
	switch (request.kind) {
		case 'files':
			return copyFilesSource(session, request);
		case 'tree':
			return treeSource(session, request, request.writable || isParent);
		case 'cache': {
			const held = caches.get(request.name);
			if (held === undefined) throw new Error(`the cache ${request.name} is not held`);
			return cacheSource(session, request, held, signal);
		}
		case 'tmpfs':
			return tmpfsSource(session, request);
		case 'secret':
			return secretSource(session, request);
		case 'ssh':
			return agentSource(session, request);
	}
}

interface Point {
	readonly request: TargetedRequest;
	readonly points: MountPoints;
	readonly session: Session;
	readonly host: boolean;
}

/** A tmpfs that the sandbox brings, and that a mount may replace. */
const shared = 'dev/shm';

function makePoint(path: RawPath, kind: MountSource['kind'], {request, points, session, host}: Point): void {
	const {target} = request;
	const top = path.split('/')[0] ?? '';
	// Below /dev are links to descriptors of the sandbox that is being made: through them a mount would cover its /proc.
	if (path === '' || top === 'proc' || top === 'sys' || (top === 'dev' && path !== shared))
		throw new BuildError(stepMountTarget(target, `it is \`/${textOf(path)}\`, which the sandbox of the step mounts itself`));
	if (path === shared) return;
	const isHosts = host && session.scaffold.host().binds.some((bind) => bind.target === `/${top}`);
	if (isHosts && lstatSync(hostPath('', path), {throwIfNoEntry: false}) === undefined)
		throw new BuildError(stepMountTarget(target, 'it is in a directory of the host, which is read-only, and does not exist there'));
	points.make(path, kind, target);
}

/** In another mount the place is made there: in a cache it stays, as an empty file or directory. */
function makeInside(
	parent: number,
	rest: string,
	{
		request,
		sources,
		kind,
	}: {readonly request: TargetedRequest; readonly sources: readonly MountSource[]; readonly kind: MountSource['kind']},
): void {
	try {
		makeBeneath(sources[parent]?.path ?? '', rest, kind);
	} catch (error) {
		throw new BuildError(stepMountTarget(request.target, `making \`${rest}\` in the mount it lies in ends with ${errnoOf(error)}`), {
			cause: error,
		});
	}
}

/** Secrets that are variables, and where the first agent is. */
function variablesOf(requests: readonly MountRequest[]): StepMounts['env'] {
	const agent = requests.find(({kind}) => kind === 'ssh');
	return [
		...(agent?.kind === 'ssh' ? [['SSH_AUTH_SOCK', agent.target] as const] : []),
		...requests.flatMap((request) =>
			request.kind === 'variable' ? [[request.name, Buffer.from(request.content).toString('utf8')] as const] : [],
		),
	];
}
