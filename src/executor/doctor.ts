import {mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync} from 'node:fs';
import {release} from 'node:os';
import {formatBytes} from '../core/format-bytes.ts';
import {selectItems} from '../context/select-items.ts';
import {packSources} from './worker/pack-sources.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {remedyFor} from '../diagnostics/remedies.ts';
import {fileSystemName} from '../host/file-system-name.ts';
import {architectures} from '../isolation/architecture.ts';
import {idModes, type IdModeName} from '../isolation/id-mode.ts';
import {namespaceObstacles} from '../isolation/namespace-obstacles.ts';
import {assemble} from '../isolation/step-program/assemble.ts';
import {instruction} from '../isolation/step-program/instruction.ts';
import {type DriverName, driverNames} from '../rootfs/driver.ts';
import {readStoreIds} from '../store/store-ids.ts';
import {currentBuilder} from './current-builder.ts';
import {withWorker} from './with-worker.ts';
import type {WorkerClient} from './worker-client.ts';

/** What one probe saw, in sentences. */
export interface Finding {
	readonly probe: string;
	readonly works: boolean;
	readonly facts: readonly string[];
	/** What a build uses in its place. */
	readonly instead?: string;
	/** What to do about it. */
	readonly remedy?: string;
}

/** What a build would use. */
export interface Choice {
	readonly ids: IdModeName;
	readonly driver: DriverName;
	/** Steps have namespaces. */
	readonly isConfined: boolean;
}

export interface DoctorReport {
	readonly findings: readonly Finding[];
	/** Absent when nothing works. */
	readonly choice?: Choice;
}

/** One combination that was tried, and what a build would use if it is the best. */
interface Attempt {
	readonly finding: Finding;
	readonly choice?: Choice;
}

/** Bytes below which a store soon has no room. */
const little = 1e9;

/** Tries every id mode with every driver for real: a worker is started, a layer is made, and a program is run on it. */
export async function examine(store: string, env: Readonly<Record<string, string | undefined>>): Promise<DoctorReport> {
	const builder = currentBuilder(env['PATH']);
	const attempts: Attempt[] = [];
	for (const mode of idModes) {
		const obstacle = mode.obstacle(builder);
		if (obstacle === undefined) attempts.push(...(await tryMode(store, mode.name)));
		else attempts.push({finding: {probe: `ids: ${mode.name}`, works: false, facts: [obstacle]}});
	}
	const usable = attempts.flatMap(({finding, choice}) => (finding.works && choice !== undefined ? [choice] : []));
	// A store keeps to the ids that it was begun with.
	const known = readStoreIds(store);
	const choice = usable.find(({ids}) => ids === known) ?? usable[0];
	const findings = [kernel(), disk(store), ...attempts.map(({finding}) => finding)];
	return {findings: findings.map((finding) => withAdvice(finding, choice)), ...(choice === undefined ? {} : {choice})};
}

async function tryMode(store: string, ids: IdModeName): Promise<readonly Attempt[]> {
	const attempts: Attempt[] = [];
	for (const driver of driverNames) {
		const attempt = await tryDriver(store, ids, driver);
		attempts.push(attempt);
		// Without a worker no driver works, and one fact is enough.
		if (attempt.finding.probe === `ids: ${ids}`) return [attempt];
	}
	return attempts;
}

async function tryDriver(store: string, ids: IdModeName, driver: DriverName): Promise<Attempt> {
	const probe = `ids: ${ids}, driver: ${driver}`;
	// A store of its own on the same file system: nothing of the probe stays.
	const own = mkdtempSync(`${store}/run/doctor-`);
	try {
		return await withWorker({store: own, ids, driver}, async (worker, {reply, directory}) => {
			await runTrue(worker, directory);
			const isConfined = worker.entry.kind !== 'none';
			const count = `${reply.ids} ${reply.ids === 1 ? 'id' : 'ids'}`;
			const ran = `a step ran with ${count}${isConfined ? '' : ', without namespaces'}`;
			// A driver with faults is used when it is named, never by itself.
			const works = reply.driverFacts.length === 0;
			const facts = [ran, ...worker.facts, ...reply.driverFacts];
			return {finding: {probe, works, facts}, choice: {ids, driver, isConfined}};
		});
	} catch (error) {
		const facts = factsOf(error);
		return {finding: {probe: isEntry(error) ? `ids: ${ids}` : probe, works: false, facts}};
	} finally {
		rmSync(own, {recursive: true, force: true});
	}
}

/** A program of one system call in a layer of its own. */
async function runTrue(worker: WorkerClient, directory: string): Promise<void> {
	const architecture = architectures.get(process.arch);
	if (architecture === undefined) throw new Error(`no step program for ${process.arch}`);
	const context = `${directory}/true`;
	mkdirSync(context);
	writeFileSync(`${context}/true`, assemble([instruction('ending', 'exit_group', [0])], architecture), {mode: 0o755});
	const [item] = selectItems(context, ['true'], {place: 'the probe'});
	if (item === undefined) throw new Error('the probe has no program');
	const {pending} = await worker.call('copy', {
		stack: {host: false, layers: []},
		origin: {kind: 'trees', sources: packSources([{root: context, item, unpack: false}])},
		inline: [],
		destination: '/',
		several: false,
		link: false,
		mtime: 0,
		asTar: false,
	});
	if (pending === undefined) throw new Error('copying a file made no layer');
	const ended = await worker.call('exec', {
		step: 0,
		stack: {host: false, layers: [{pending}]},
		args: ['/true'],
		env: [],
		user: '',
		cwd: '/',
		network: 'host',
		times: {kind: 'keep'},
		discard: true,
	});
	await worker.call('hashed', {pending});
	if (ended.kind !== 'done') throw new Error(`running \`true\` ended with ${JSON.stringify(ended)}`);
}

function isEntry(error: unknown): boolean {
	return error instanceof BuildError && error.diagnostics[0]?.code === 'env/no-user-namespace';
}

function factsOf(error: unknown): readonly string[] {
	if (!(error instanceof BuildError)) return [error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)];
	return error.diagnostics.flatMap(({message, because = []}) => (because.length === 0 ? [message] : because));
}

function withAdvice(finding: Finding, choice: Choice | undefined): Finding {
	const remedy = finding.works ? undefined : remedyFor(finding.facts);
	const isCombination = finding.probe.startsWith('ids: ');
	const instead = finding.works || !isCombination || choice === undefined ? undefined : `ids: ${choice.ids}, driver: ${choice.driver}`;
	return {...finding, ...(instead === undefined ? {} : {instead}), ...(remedy === undefined ? {} : {remedy})};
}

function kernel(): Finding {
	const obstacles = namespaceObstacles();
	return {
		probe: 'user namespaces',
		works: obstacles.length === 0,
		facts: obstacles.length === 0 ? [`nothing in the settings of Linux ${release()} speaks against them`] : obstacles,
	};
}

function disk(store: string): Finding {
	const known = readStoreIds(store);
	const {bavail, bsize, type} = statfsSync(store);
	const free = bavail * bsize;
	return {
		probe: 'store',
		works: free > little,
		facts: [
			`${store} is on ${fileSystemName(type)}`,
			`${formatBytes(free)} are free${free > little ? '' : ', less than 1 GB free'}`,
			...(known === undefined ? [] : [`it keeps to ids: ${known}`]),
		],
	};
}
