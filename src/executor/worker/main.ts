import {BuildError} from '../../diagnostics/build-error.ts';
import {Channel} from '../../host/channel.ts';
import {keepFromPrograms} from '../../host/pipe.ts';
import {channelDescriptor} from '../../isolation/enter-program.ts';
import type {StepEvents} from '../../isolation/step-runner.ts';
import {Arrivals} from './arrivals.ts';
import {stackCopy, stackCopyFacts} from './copy-files.ts';
import {AskedSteps} from './asked-steps.ts';
import {foreseeStep, takePlace} from './foresee-step.ts';
import type {FromWorker, Method, ReplyOf, RequestOf, ToWorker} from './protocol.ts';
import {rehearse} from './rehearse.ts';
import {runStep} from './run-step.ts';
import {diskError} from '../../store/store-error.ts';
import {startSession, type Session} from './session.ts';

type Handlers = {readonly [M in Method]: (request: RequestOf<M>) => Promise<ReplyOf<M>>};

type Call = Extract<ToWorker, {readonly id: number}>;

const arrivals = new Arrivals((need) => send({need}));
const askedSteps = new AskedSteps();
let session: Promise<Session> | undefined;

const handlers: Handlers = {
	async start(request) {
		const programOf = (name: string): URL => new URL(`./${name}.cjs`, import.meta.url);
		session = startSession(request, {files: programOf('file-thread'), owners: programOf('owner-thread')}, arrivals);
		const opened = await session;
		setImmediate(() => rehearse(opened));
		return opened.reply;
	},
	exec: (request) =>
		askedSteps.note(request.step, async (started) => {
			const current = await opened();
			const place = takePlace(current);
			askedSteps
				.below(request.stack)
				?.then((standing) => foreseeStep(current, request, place, standing))
				// It is thrown again when the step starts.
				.catch(() => {});
			const stack = await askedSteps.settle(request.stack);
			const output: StepEvents['output'] = (stream, chunk) => send({output: {step: request.step, stream, chunk}});
			return runStep(current, {...request, stack}, place, {output, started});
		}),
	copyFacts: async (request) => stackCopyFacts(await opened(), request),
	copy: async (request) => stackCopy(await opened(), request),
	hashed: async ({pending}) => (await opened()).layers.hashed(pending),
	async hurry() {
		(await opened()).meanwhile.take();
		return null;
	},
	async select({stack, patterns, flags}) {
		const {layers, pool} = await opened();
		const view = await layers.view(await layers.lowers(stack));
		try {
			const task = {root: view?.path ?? (await opened()).scaffold.lower, patterns, flags};
			const few = await pool.local.run('selectFew', task);
			return few === 'many' ? await pool.idlest().run('select', task) : few;
		} finally {
			await view?.close();
		}
	},
	async unpack({stack}) {
		await (await opened()).layers.lowers(stack);
		return null;
	},
	async packages({layers}) {
		const {layers: table, pool, store} = await opened();
		const directories = await table.directories(layers);
		return pool.idlest().run('packages', {
			store: store.directory,
			layers: layers.map(({diffId}, index) => ({diffId, directory: directories[index] ?? ''})),
		});
	},
	async pack({directory, file}) {
		const {pool} = await opened();
		return pool.idlest().run('pack', {directory, file});
	},
	export: async (request) => (await import('./export-image.ts')).exportImage(await opened(), request),
	compress: async (request) => (await import('./export-image.ts')).compressLayer(await opened(), request),
	async print(request) {
		const {printFile} = await import('./image-contents.ts');
		await printFile(await opened(), request);
		return null;
	},
	compare: async (request) => (await import('./image-contents.ts')).compareFiles(await opened(), request),
	async remove({paths}) {
		const {pool, directory, mounts, driver, meanwhile, views} = await opened();
		if (paths.includes(directory)) {
			await meanwhile.finish();
			await views.close();
			mounts.close();
			driver.close();
		}
		// At the end of a build nothing else runs here, and a thread takes longer to start than this takes.
		const files = paths.includes(directory) ? pool.local : pool.idlest();
		await Promise.all(paths.map((path) => files.run('remove', {path})));
		return null;
	},
	measure: async ({path}) => (await opened()).pool.idlest().run('measure', {path}),
	async abort() {
		for (const running of (await opened()).running.values()) running.abort();
		return null;
	},
};

async function opened(): Promise<Session> {
	if (session === undefined) throw new Error('the worker was not started');
	return session;
}

keepFromPrograms(channelDescriptor);
// It closes when the command ends, however it ends; being process 1 of its namespace, the worker takes every step along.
const channel = new Channel<FromWorker, ToWorker>(channelDescriptor, {receive, closed: () => process.exit(0)});

function send(message: FromWorker): void {
	channel.send(message);
}

async function answer({id, method, request}: Call): Promise<void> {
	try {
		const handle = handlers[method] as (request: unknown) => Promise<unknown>;
		send({id, reply: await handle(request)});
	} catch (caught) {
		const error = diskError(caught, (await session?.catch(() => {}))?.store.directory ?? 'of this build');
		if (error instanceof BuildError) send({id, diagnostics: error.diagnostics});
		else send({id, bug: error instanceof Error ? (error.stack ?? error.message) : String(error)});
	}
}

function receive(message: ToWorker): void {
	if ('news' in message) arrivals.take(message.news);
	else void answer(message);
}

// Ctrl-C reaches the whole process group; what happens then is the command's decision.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
