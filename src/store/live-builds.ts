import {randomBytes} from 'node:crypto';
import {appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync} from 'node:fs';
import type {ChainId, Digest, DiffId} from '../core/digest.ts';
import type {Lock} from '../host/lock.ts';
import {unlessMissing} from '../host/errno.ts';
import {inStore} from './store-error.ts';

/** A running command: while it holds its lock nothing it named is deleted. */
export interface LiveBuild {
	readonly id: string;
	/** run/ID, for whatever the build needs; stale ones are removed by the next command that gets their lock. */
	readonly directory: string;
	/** Keeps layers and blobs from being pruned while this build lives. */
	pin(digests: readonly (Digest | DiffId | ChainId)[]): void;
	/** Gives up the lock; the directory is the caller's to delete (in the namespace), or the next prune's. */
	release(): void;
}

/** Registers a build. Blocks for the milliseconds in which another process marks what to prune. */
export async function startLiveBuild(store: string): Promise<LiveBuild> {
	const {lockFile, waitForLock} = await import('../host/lock.ts');
	const id = randomBytes(8).toString('hex');
	const directory = `${store}/run/${id}`;
	const gate = await waitForLock(`${store}/run/.lock`);
	let lock: Lock | undefined;
	try {
		inStore(store, () => mkdirSync(directory, {mode: 0o700}));
		lock = lockFile(`${directory}/lock`);
	} finally {
		gate.release();
	}
	return {
		id,
		directory,
		pin: (digests) => inStore(store, () => appendFileSync(`${directory}/pins`, digests.map((digest) => `${digest}\n`).join(''))),
		release: () => lock?.release(),
	};
}

export interface LiveState {
	/** Digests that live builds named. */
	readonly pins: ReadonlySet<string>;
	/** Start of the oldest live build, milliseconds since 1970; Infinity when none lives. */
	readonly since: number;
	/** Live builds. */
	readonly count: number;
	/** Directories of dead builds, renamed out of the way: delete them. */
	readonly stale: readonly string[];
}

/** Looks at all builds; call with run/.lock held. */
export async function inspectLiveBuilds(store: string): Promise<LiveState> {
	const {lockFile} = await import('../host/lock.ts');
	const pins = new Set<string>();
	const stale: string[] = [];
	let since = Infinity;
	let count = 0;
	for (const name of readdirSync(`${store}/run`)) {
		const directory = `${store}/run/${name}`;
		if (name.startsWith('.trash-')) stale.push(directory);
		if (!/^[0-9a-f]{16}$/v.test(name)) continue;
		// A build that ends deletes its own directory meanwhile: nothing to do then.
		unlessMissing(() => {
			const lock = lockFile(`${directory}/lock`);
			if (lock === undefined) {
				count += 1;
				since = Math.min(since, statSync(directory).birthtimeMs || 0);
				for (const line of readPins(directory)) pins.add(line);
				return;
			}
			try {
				renameSync(directory, `${store}/run/.trash-${name}`);
				stale.push(`${store}/run/.trash-${name}`);
			} finally {
				lock.release();
			}
		});
	}
	return {pins, since, count, stale};
}

/** Renames the directories of dead builds out of the way and returns them: delete them. */
export async function takeStaleBuilds(store: string): Promise<readonly string[]> {
	const {waitForLock} = await import('../host/lock.ts');
	const gate = await waitForLock(`${store}/run/.lock`);
	try {
		return (await inspectLiveBuilds(store)).stale;
	} finally {
		gate.release();
	}
}

function readPins(directory: string): string[] {
	try {
		return readFileSync(`${directory}/pins`, 'utf8').split('\n');
	} catch {
		return [];
	}
}
