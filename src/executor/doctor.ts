import {statfsSync} from 'node:fs';
import {userInfo} from 'node:os';
import {BuildError} from '../diagnostics/build-error.ts';
import {builderPath, idModes, type IdModeName} from '../isolation/id-mode.ts';
import {namespaceObstacles} from '../isolation/namespace-obstacles.ts';
import type {DriverName} from '../rootfs/driver.ts';
import {drivers} from '../rootfs/drivers.ts';
import {withWorker} from './with-worker.ts';

/** What one probe saw, in sentences. */
export interface Finding {
	readonly probe: string;
	readonly works: boolean;
	readonly facts: readonly string[];
}

export interface DoctorReport {
	readonly findings: readonly Finding[];
	/** What a build would use; absent when nothing works. */
	readonly ids?: IdModeName;
	readonly driver?: DriverName;
}

/** Tries every id mode and every driver for real: a worker is started, layers are stacked and a program is run in them. */
export async function examine(store: string, env: Readonly<Record<string, string | undefined>>): Promise<DoctorReport> {
	const findings: Finding[] = [kernel(), disk(store)];
	const {uid, gid, username: name} = userInfo();
	const builder = {uid, gid, name, path: builderPath(env['PATH'])};
	let ids: IdModeName | undefined;
	let driver: DriverName | undefined;
	for (const mode of idModes) {
		const obstacle = mode.obstacle(builder);
		if (obstacle !== undefined) {
			findings.push({probe: `ids: ${mode.name}`, works: false, facts: [obstacle]});
			continue;
		}
		const tried = await tryMode(store, mode.name);
		findings.push(...tried.findings);
		if (tried.driver === undefined || ids !== undefined) continue;
		ids = mode.name;
		driver = tried.driver;
	}
	return {findings, ...(ids === undefined ? {} : {ids}), ...(driver === undefined ? {} : {driver})};
}

async function tryMode(store: string, ids: IdModeName): Promise<{readonly findings: Finding[]; readonly driver?: DriverName}> {
	const findings: Finding[] = [];
	let best: DriverName | undefined;
	for (const {name} of drivers) {
		try {
			const count = await withWorker({store, ids, driver: name}, async (worker, reply) => {
				const env = [['PATH', '/usr/bin:/bin']] as const;
				const ended = await worker.call('exec', {
					step: 0,
					stack: {host: true, layers: []},
					args: ['true'],
					env,
					user: '',
					cwd: '/',
					network: 'host',
					times: {kind: 'keep'},
				});
				if (ended.kind !== 'done') throw new Error(`running \`true\` ended with ${JSON.stringify(ended)}`);
				return reply.ids;
			});
			findings.push({
				probe: `ids: ${ids}, driver: ${name}`,
				works: true,
				facts: [`a step ran with ${count} ${count === 1 ? 'id' : 'ids'}`],
			});
			best ??= name;
		} catch (error) {
			findings.push({probe: `ids: ${ids}, driver: ${name}`, works: false, facts: factsOf(error)});
		}
	}
	return {findings, ...(best === undefined ? {} : {driver: best})};
}

function factsOf(error: unknown): string[] {
	if (!(error instanceof BuildError)) return [error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)];
	return error.diagnostics.flatMap(({message, because = [], help = []}) => [message, ...because, ...help.map((text) => `remedy: ${text}`)]);
}

function kernel(): Finding {
	const obstacles = namespaceObstacles();
	return {
		probe: 'user namespaces',
		works: obstacles.length === 0,
		facts: obstacles.length === 0 ? ['nothing in the kernel settings speaks against them'] : obstacles,
	};
}

function disk(store: string): Finding {
	const {bavail, bsize} = statfsSync(store);
	const free = bavail * bsize;
	return {probe: 'store', works: free > 1e9, facts: [`${store} has ${(free / 1e9).toFixed(1)} GB free`]};
}
