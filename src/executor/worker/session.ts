import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {architectures} from '../../isolation/architecture.ts';
import {countIds, readNamespaceIds, type NamespaceIds} from '../../isolation/id-map.ts';
import type {StepRunner} from '../../isolation/step-runner.ts';
import {OwnerService} from '../../isolation/owner-service.ts';
import {stepRunners} from '../../isolation/step-runners.ts';
import {envNoArchitecture, envNoDriver} from '../../diagnostics/env.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {hardLimit} from '../../host/hard-limit.ts';
import {mount, mountFlags} from '../../host/mount.ts';
import {drivers} from '../../rootfs/drivers.ts';
import type {RootfsDriver} from '../../rootfs/driver.ts';
import {openStore, type Store} from '../../store/open-store.ts';
import type {Architecture} from '../../isolation/architecture.ts';
import {FilePool} from './file-pool.ts';
import {LayerTable} from './layer-table.ts';
import type {StartReply, StartRequest} from './protocol.ts';
import {MountSpace} from './mount-space.ts';
import {makeScaffold, type Scaffold} from './scaffold.ts';
import {type LimitSource, openLimits} from './step-limits.ts';

/** Everything that lives as long as the worker. */
export interface Session {
	readonly store: Store;
	readonly directory: string;
	readonly driver: RootfsDriver;
	readonly runner: StepRunner;
	readonly architecture: Architecture;
	readonly ids: NamespaceIds;
	readonly pool: FilePool;
	readonly layers: LayerTable;
	readonly scaffold: Scaffold;
	readonly mounts: MountSpace;
	readonly maxFiles: number;
	readonly limits: LimitSource;
	/** Aborts of running steps by step id. */
	readonly running: Map<number, AbortController>;
	readonly reply: StartReply;
}

const fileThreads = 2;

/** Sets the worker up in its fresh namespaces. The working directory becomes the build's directory of layer links. */
export async function startSession(request: StartRequest, threads: {readonly files: URL; readonly owners: URL}): Promise<Session> {
	const {directory} = request;
	// Steps reach their root through it whatever the builder's umask was.
	process.umask(0o022);
	const pool = new FilePool(threads.files, fileThreads);
	const architecture = architectures.get(process.arch);
	if (architecture === undefined) throw new BuildError(envNoArchitecture(process.arch, [...architectures.keys()]));
	mount('none', '/', null, mountFlags.recursive | mountFlags.private);
	mountOwnProc();
	for (const name of ['l', 'probe', 'root']) mkdirSync(`${directory}/${name}`);
	const {driver, driverFacts} = await chooseDriver(request.driver, `${directory}/probe`);
	const store = openStore(request.store);
	const ids = readNamespaceIds();
	const limits = openLimits(request.limits, architecture, directory);
	process.chdir(`${directory}/l`);
	return {
		store,
		directory,
		driver,
		runner: stepRunners[0].open(directory, new OwnerService(threads.owners)),
		architecture,
		ids,
		pool,
		layers: new LayerTable({store, driver, pool, ids, directory}),
		scaffold: makeScaffold(directory, request.hosts),
		mounts: new MountSpace(`${directory}/mounts`),
		maxFiles: readMaxFiles(),
		limits,
		running: new Map(),
		reply: {driver: driver.name, driverFacts, ids: countIds(ids.uids), limits: limits.inForce},
	};
}

/** Process ids of /proc must be those of this namespace; where a masked /proc forbids a new one, aborts fall back to parent death signals. */
function mountOwnProc(): void {
	try {
		mount('proc', '/proc', 'proc', mountFlags.noSetuid | mountFlags.noDevices | mountFlags.noExec);
	} catch {
		// The outer /proc stays.
	}
}

async function chooseDriver(
	wanted: StartRequest['driver'],
	directory: string,
): Promise<{driver: RootfsDriver; driverFacts: readonly string[]}> {
	const facts: string[] = [];
	for (const kind of drivers) {
		if (wanted !== 'auto' && wanted !== kind.name) continue;
		const probe = await kind.probe(directory);
		if (probe.works) return {driver: kind.open(directory), driverFacts: facts};
		facts.push(...probe.facts);
	}
	throw new BuildError(envNoDriver(wanted, facts));
}

/** Hard limit of open files for steps. */
function readMaxFiles(): number {
	const hard = hardLimit('Max open files');
	return hard > 0 && hard < Infinity ? hard : 1024;
}

/** Writes a heredoc that is run as a program and makes the place in /dev where the step sees it; returns its path on the host. */
export function writeScript(session: Session, target: string, content: string): string {
	const place = target.slice('/dev/'.length);
	if (!/^pipes\/[^\/]+$/v.test(place)) throw new RangeError(`a script cannot be at ${target}`);
	mkdirSync(`${session.scaffold.devices}/pipes`, {recursive: true});
	writeFileSync(`${session.scaffold.devices}/${place}`, '');
	const path = `${session.directory}/script-${session.layers.fresh()}`;
	writeFileSync(path, content);
	chmodSync(path, 0o755);
	return path;
}
