import type {ChildProcess} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {userInfo} from 'node:os';
import {BuildError} from '../diagnostics/build-error.ts';
import {envIdMode, envNoNamespace} from '../diagnostics/env.ts';
import {type Builder, builderPath, idModes, type IdMode, type IdModeName} from '../isolation/id-mode.ts';
import {readStoreIds} from '../store/store-ids.ts';
import {enterNamespace} from './enter-namespace.ts';
import type {FromWorker, Method, ReplyOf, RequestOf} from './worker/protocol.ts';

export type OutputListener = (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void;

interface Waiting {
	resolve(reply: unknown): void;
	reject(error: unknown): void;
}

/** Calls into the worker process inside the namespace. */
export interface WorkerClient {
	readonly ids: IdModeName;
	call<M extends Method>(method: M, request: RequestOf<M>): Promise<ReplyOf<M>>;
	/** Gets a step's output from now on. */
	listen(step: number, listener: OutputListener): void;
	/** Ends the worker and with it every process of the build; resolves when all are gone. */
	close(): Promise<void>;
}

/**
 * Starts the worker with the id mode asked for, or else the store's, or else the first one that nothing speaks against. `directory` takes a
 * file. Throws env/... diagnostics.
 */
export async function startWorker(store: string, wanted: IdModeName | 'auto', directory: string): Promise<WorkerClient> {
	const {uid, gid, username: name} = userInfo();
	const builder = {uid, gid, name, path: builderPath(process.env['PATH'])};
	const mode = (wanted === 'auto' ? modeOfStore(store, builder) : undefined) ?? chooseMode(wanted, builder);
	const child = await enterNamespace({mode, builder, directory, worker: fileURLToPath(new URL('./worker.mjs', import.meta.url))});
	return connect(child, mode);
}

function modeOfStore(store: string, builder: Builder): IdMode | undefined {
	const known = readStoreIds(store);
	return idModes.find((mode) => mode.name === known && mode.obstacle(builder) === undefined);
}

function chooseMode(wanted: IdModeName | 'auto', builder: Builder): IdMode {
	for (const mode of idModes) {
		if (wanted !== 'auto' && wanted !== mode.name) continue;
		const obstacle = mode.obstacle(builder);
		if (obstacle === undefined) return mode;
		if (wanted === mode.name) throw new BuildError(envIdMode(wanted, obstacle));
	}
	throw new BuildError(envNoNamespace(['no id mode fits'], []));
}

function connect(child: ChildProcess, mode: IdMode): WorkerClient {
	const waiting = new Map<number, Waiting>();
	const listeners = new Map<number, OutputListener>();
	let end = (): void => {};
	const ended = new Promise<void>((resolve) => {
		end = resolve;
	});
	let count = 0;
	let words = '';
	let failure: unknown;
	child.stderr?.on('data', (chunk: Buffer) => {
		words = (words + chunk.toString()).slice(-4000);
	});
	const fail = (error: unknown): void => {
		failure = error;
		for (const {reject} of waiting.values()) reject(error);
		waiting.clear();
	};
	// Not `close`: after disconnect() Node does not always emit it for a child with a channel.
	child.once('exit', () => {
		const finish = (): void => {
			fail(new Error(`the worker ended unexpectedly${words === '' ? '' : `: ${words.trim()}`}`));
			end();
		};
		if (child.stderr?.readableEnded === false) child.stderr.once('end', finish);
		else finish();
	});
	child.on('message', (message: FromWorker) => {
		if ('output' in message) {
			listeners.get(message.output.step)?.(message.output.stream, message.output.chunk);
			return;
		}
		const call = waiting.get(message.id);
		waiting.delete(message.id);
		if ('reply' in message) call?.resolve(message.reply);
		else if ('diagnostics' in message) call?.reject(new BuildError(message.diagnostics));
		else call?.reject(new Error(message.bug));
	});
	return {
		ids: mode.name,
		call(method, request) {
			if (failure !== undefined) return Promise.reject(failure as Error);
			const id = count++;
			return new Promise<unknown>((resolve, reject) => {
				waiting.set(id, {resolve, reject});
				// A worker that is gone already (EPIPE) is reported when its exit is known, with what it said.
				child.send({id, method, request}, () => {});
			}) as Promise<never>;
		},
		listen: (step, listener) => void listeners.set(step, listener),
		async close() {
			if (child.connected) child.disconnect();
			await ended;
		},
	};
}
