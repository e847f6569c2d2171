import {BuildError} from '../diagnostics/build-error.ts';
import {remedyFor} from '../diagnostics/remedies.ts';
import {envIdMode, envNoNamespace, envWorkerEnded} from '../diagnostics/env.ts';
import {type Builder, type Entry, idModes, type IdMode, type IdModeName} from '../isolation/id-mode.ts';
import {namespaceObstacles} from '../isolation/namespace-obstacles.ts';
import {readStoreIds} from '../store/store-ids.ts';
import {currentBuilder} from './current-builder.ts';
import {Channel, encodeMessage} from '../host/channel.ts';
import {type EnteredProcess, enterNamespace, EntryRefused, type EnterRequest} from './enter-namespace.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {workerProgram} from './worker-program.ts';
import type {BlobNews, FromWorker, Method, ReplyOf, RequestOf, StartReply, StartRequest, ToWorker} from './worker/protocol.ts';

export type OutputListener = (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void;

interface Waiting {
	resolve(reply: unknown): void;
	reject(error: unknown): void;
}

/** Calls into the worker process inside the namespace. */
export interface WorkerClient {
	readonly ids: IdModeName;
	readonly entry: Entry;
	/** Why it is not a better one; empty when it is the best. */
	readonly facts: readonly string[];
	/** The worker's session. Rejects as calls do; whoever does not need it need not look at it. */
	readonly started: Promise<StartReply>;
	call<M extends Exclude<Method, 'start'>>(method: M, request: RequestOf<M>): Promise<ReplyOf<M>>;
	/** Gets a step's output from now on. */
	listen(step: number, listener: OutputListener): void;
	/** Ends the worker and with it every process of the build; resolves when all are gone. */
	close(): Promise<void>;
}

export interface WorkerSurroundings {
	/** Brings a blob that the worker needs and the store lacks; tells at once what becomes of it, and in the end. */
	readonly bring: (blob: Descriptor, tell: (news: BlobNews) => void) => void;
	/** Called when it comes up by itself, if it does. */
	readonly coming?: () => void;
	/** What its session is made of but for the way in; it finds that when it comes up. */
	readonly session: Omit<StartRequest, 'canMount' | 'ownUsers'>;
}

/**
 * Starts the worker with the id mode asked for, or else the store's, or else the first one that nothing speaks against, in the first way that
 * works. Throws env/... diagnostics.
 */
export async function startWorker(store: string, wanted: IdModeName | 'auto', surroundings: WorkerSurroundings): Promise<WorkerClient> {
	const {bring, session, coming = () => {}} = surroundings;
	const builder = currentBuilder(process.env['PATH']);
	const worker = workerProgram();
	const facts: string[] = [];
	const known = wanted === 'auto' ? readStoreIds(store) : undefined;
	const modes = usableModes(wanted, builder);
	const modeOfStore = modes.find((mode) => mode.name === known);
	for (const mode of modeOfStore === undefined ? modes : [modeOfStore]) {
		for (const entry of mode.entries) {
			const request = {...session, canMount: entry.kind !== 'none', ownUsers: entry.kind === 'user'};
			const greeting = encodeMessage({id: 0, method: 'start', request} satisfies ToWorker);
			const child = await enter({entry, builder, store, worker, greeting, coming}, facts);
			if (child !== undefined) return connect(child, {ids: mode.name, entry, facts: [...new Set(facts)]}, bring);
		}
	}
	throw new BuildError(noNamespace(facts));
}

/** Undefined when the machine does not let the worker in this way; why is added to the facts. */
async function enter(request: Omit<EnterRequest, 'processes' | 'isFirst'>, facts: string[]): Promise<EnteredProcess | undefined> {
	for (const processes of ['own', 'outer'] as const) {
		try {
			return await enterNamespace({...request, processes, isFirst: facts.length === 0});
		} catch (error) {
			if (!(error instanceof EntryRefused)) throw error;
			facts.push(error.isProc ? `${error.fact}, so steps see the processes around them` : error.fact);
			if (!error.isProc) return undefined;
		}
	}
	return undefined;
}

/** Throws env/id-mode when the one asked for cannot be. */
function usableModes(wanted: IdModeName | 'auto', builder: Builder): readonly IdMode[] {
	return idModes.filter((mode) => {
		if (wanted !== 'auto' && wanted !== mode.name) return false;
		const obstacle = mode.obstacle(builder);
		if (obstacle !== undefined && wanted === mode.name) throw new BuildError(envIdMode(wanted, obstacle));
		return obstacle === undefined;
	});
}

function noNamespace(observed: readonly string[]): ReturnType<typeof envNoNamespace> {
	const facts = [...new Set([...observed, ...namespaceObstacles()])];
	const usual =
		'allow user namespaces on this machine (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0), or build as root';
	return envNoNamespace(facts, [remedyFor(facts) ?? usual]);
}

function connect(
	entered: EnteredProcess,
	about: Pick<WorkerClient, 'ids' | 'entry' | 'facts'>,
	bring: WorkerSurroundings['bring'],
): WorkerClient {
	const waiting = new Map<number, Waiting>();
	const listeners = new Map<number, OutputListener>();
	const started = new Promise<unknown>((resolve, reject) => void waiting.set(0, {resolve, reject})) as Promise<StartReply>;
	started.catch(() => {});
	let count = 1;
	let words = '';
	let failure: unknown;
	entered.words.on('data', (chunk: Buffer) => {
		words = (words + chunk.toString()).slice(-4000);
	});
	const silent = new Promise<void>((resolve) => void entered.words.once('close', () => resolve()));
	const receive = (message: FromWorker): void => {
		if ('output' in message) {
			listeners.get(message.output.step)?.(message.output.stream, message.output.chunk);
			return;
		}
		if ('need' in message) {
			bring(message.need, (news) => channel.send({news}));
			return;
		}
		const call = waiting.get(message.id);
		waiting.delete(message.id);
		if ('reply' in message) call?.resolve(message.reply);
		else if ('diagnostics' in message) call?.reject(new BuildError(message.diagnostics));
		else call?.reject(new Error(message.bug));
	};
	let ended: Promise<void> | undefined;
	/** Also called when the worker goes by itself. */
	const end = (): Promise<void> => {
		ended ??= Promise.all([entered.ended(), silent]).then(() => {
			// One that crashes says where; one that is killed cannot.
			failure = words === '' ? new BuildError(envWorkerEnded()) : new Error(`the worker ended unexpectedly: ${words.trim()}`);
			for (const {reject} of waiting.values()) reject(failure);
			waiting.clear();
		});
		return ended;
	};
	const channel = new Channel<ToWorker, FromWorker>(entered.channel, {receive, closed: () => void end()});
	return {
		...about,
		started,
		call(method, request) {
			if (failure !== undefined) return Promise.reject(failure as Error);
			const id = count++;
			return new Promise<unknown>((resolve, reject) => {
				waiting.set(id, {resolve, reject});
				// A worker that is gone already is reported when its end is known, with what it said.
				channel.send({id, method, request} as ToWorker);
			}) as Promise<never>;
		},
		listen: (step, listener) => void listeners.set(step, listener),
		async close() {
			channel.close();
			// Whatever it still does counts for nothing, and to end by itself takes it some milliseconds.
			if (ended === undefined) entered.kill();
			await end();
		},
	};
}
