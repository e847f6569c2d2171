import {spawn, type ChildProcess} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {userInfo} from 'node:os';
import {BuildError} from '../diagnostics/build-error.ts';
import {envIdMode, envNoNamespace, envProgramMissing} from '../diagnostics/env.ts';
import {builderPath, idModes, type IdMode, type IdModeName} from '../isolation/id-mode.ts';
import {namespaceObstacles} from '../isolation/namespace-obstacles.ts';
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

/** Starts the worker: the first id mode that nothing speaks against, or the one asked for. Throws env/... diagnostics. */
export async function startWorker(wanted: IdModeName | 'auto'): Promise<WorkerClient> {
	const mode = chooseMode(wanted);
	const program = fileURLToPath(new URL('./worker.mjs', import.meta.url));
	// The environment is the worker's alone: steps get what they declare. NODE_EXTRA_CA_CERTS costs 35 ms at every start of Node 20.
	const env = {PATH: builderPath(process.env['PATH']).join(':'), HOME: '/', LC_ALL: 'C.UTF-8'};
	const child = spawn('unshare', [...mode.unshare, '--', process.execPath, '--max-semi-space-size=16', program], {
		stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
		serialization: 'advanced',
		// Its own process group: Ctrl-C is for the command, which then ends the steps in order.
		detached: true,
		env,
	});
	return connect(child, mode);
}

function chooseMode(wanted: IdModeName | 'auto'): IdMode {
	const {uid, username: name} = userInfo();
	const builder = {uid, name, path: builderPath(process.env['PATH'])};
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
	child.once('error', (error: NodeJS.ErrnoException) => {
		fail(error.code === 'ENOENT' ? new BuildError(envProgramMissing('unshare', 'util-linux'), {cause: error}) : error);
		end();
	});
	// Not `close`: after disconnect() Node does not always emit it for a child with a channel.
	child.once('exit', () => {
		const finish = (): void => {
			fail(failureOf(words));
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

/** The worker ended on its own: before it ran, unshare(1) says why it could not make the namespace. */
function failureOf(words: string): Error {
	if (/^unshare: /mv.test(words)) return new BuildError(envNoNamespace([words.trim(), ...namespaceObstacles()], namespaceHelp()));
	return new Error(`the worker ended unexpectedly${words === '' ? '' : `: ${words.trim()}`}`);
}

function namespaceHelp(): string[] {
	return [
		'allow user namespaces on this machine (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0), or build as root',
	];
}
