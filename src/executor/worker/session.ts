import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {architectures} from '../../isolation/architecture.ts';
import {countIds, readNamespaceIds, type NamespaceIds} from '../../isolation/id-map.ts';
import type {Bind} from '../../isolation/step-spec.ts';
import type {StepRunner} from '../../isolation/step-runner.ts';
import {OwnerService} from '../../isolation/owner-service.ts';
import {stepRunners} from '../../isolation/step-runners.ts';
import {envNoArchitecture} from '../../diagnostics/env.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {hardLimit} from '../../host/hard-limit.ts';
import {mount, mountFlags} from '../../host/mount.ts';
import {findMarkForm, type MarkForm} from '../../rootfs/deletion-mark.ts';
import type {DriverPlace, RootfsDriver} from '../../rootfs/driver.ts';
import {openStore, type Store} from '../../store/open-store.ts';
import type {Architecture} from '../../isolation/architecture.ts';
import type {Arrivals} from './arrivals.ts';
import {chooseDriver} from './choose-driver.ts';
import {Emulation} from './emulation.ts';
import {FilePool} from './file-pool.ts';
import {LayerTable} from './layer-table.ts';
import {Meanwhile} from './meanwhile.ts';
import type {StartReply, StartRequest} from './protocol.ts';
import {MountSpace} from './mount-space.ts';
import {makeScaffold, type Scaffold} from './scaffold.ts';
import {SharedViews} from './shared-views.ts';
import {StepUsers} from './step-users.ts';
import {Sightings} from './sightings.ts';
import {type LimitSource, openLimits} from './step-limits.ts';

/** Everything that lives as long as the worker. */
export interface Session {
	readonly store: Store;
	readonly arrivals: Arrivals;
	readonly directory: string;
	readonly driver: RootfsDriver;
	readonly sightings: Sightings;
	readonly runner: StepRunner;
	readonly architecture: Architecture;
	readonly ids: NamespaceIds;
	readonly pool: FilePool;
	readonly layers: LayerTable;
	readonly scaffold: Scaffold;
	readonly users: StepUsers;
	/** Of what is below steps. */
	readonly views: SharedViews;
	readonly meanwhile: Meanwhile;
	readonly mounts: MountSpace;
	readonly maxFiles: number;
	/** False: there are no namespaces. */
	readonly canMount: boolean;
	readonly limits: LimitSource;
	readonly emulation: Emulation;
	/** Aborts of running steps by step id. */
	readonly running: Map<number, AbortController>;
	readonly reply: StartReply;
}

const fileThreads = 2;

/** Sets the worker up in its fresh namespaces. The working directory becomes the build's directory of layer links. */
export async function startSession(
	request: StartRequest,
	threads: {readonly files: URL; readonly owners: URL},
	arrivals: Arrivals,
): Promise<Session> {
	const {directory, canMount} = request;
	// Steps reach their root through it whatever the builder's umask was.
	process.umask(0o022);
	const pool = new FilePool(threads.files, fileThreads);
	const architecture = architectures.get(process.arch);
	if (architecture === undefined) throw new BuildError(envNoArchitecture(process.arch, [...architectures.keys()]));
	if (canMount) {
		mount('none', '/', null, mountFlags.recursive | mountFlags.private);
		mountOwnProc();
	}
	for (const name of ['l', 'probe', 'root']) mkdirSync(`${directory}/${name}`);
	const store = openStore(request.store);
	const sightings = new Sightings(request.store);
	const once: DriverPlace['once'] = (what, look) => sightings.once(what, look);
	const {driver, driverFacts} = await chooseDriver(
		request,
		{directory: `${directory}/probe`, workers: () => pool.idlest(), once},
		sightings,
	);
	const marks = once<MarkForm>('marks of deletions', () => findMarkForm(`${directory}/probe`));
	sightings.keep();
	const ids = readNamespaceIds();
	const limits = openLimits(request.limits, architecture, directory);
	process.chdir(`${directory}/l`);
	const meanwhile = new Meanwhile();
	const layers = new LayerTable({store, driver, pool, ids, directory, arrivals, meanwhile, marks});
	return {
		store,
		arrivals,
		directory,
		driver,
		sightings,
		runner: stepRunners[0].open(directory, new OwnerService(threads.owners)),
		architecture,
		ids,
		pool,
		layers,
		users: new StepUsers(layers),
		views: new SharedViews((links) => layers.view(links)),
		meanwhile,
		scaffold: makeScaffold(directory, {moreHosts: request.hosts, canMount}),
		mounts: new MountSpace(`${directory}/mounts`, canMount),
		maxFiles: readMaxFiles(),
		canMount,
		limits,
		emulation: new Emulation(`${directory}/binfmt`, request.ownUsers),
		running: new Map(),
		reply: {driver: driver.name, driverFacts, ids: countIds(ids.uids), limits: limits.inForce},
	};
}

/** Process ids of /proc must be those of this namespace; a worker that has no such /proc has no process namespace of its own either. */
function mountOwnProc(): void {
	if (process.pid !== 1) return;
	mount('proc', '/proc', 'proc', mountFlags.noSetuid | mountFlags.noDevices | mountFlags.noExec);
}

/** Hard limit of open files for steps. */
function readMaxFiles(): number {
	const hard = hardLimit('Max open files');
	return hard > 0 && hard < Infinity ? hard : 1024;
}

/** Writes a heredoc that is run as a program; the bind that shows it to the step. */
export function writeScript(session: Session, {path: target, content}: {readonly path: string; readonly content: string}): Bind {
	if (!/^\/dev\/pipes\/[^\/]+$/v.test(target)) throw new RangeError(`a script cannot be at ${target}`);
	const source = `${session.directory}/script-${session.layers.fresh()}`;
	writeFileSync(source, content);
	chmodSync(source, 0o755);
	return {source, target, optional: false};
}
