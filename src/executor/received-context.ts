import {rmSync} from 'node:fs';
import type {Readable} from 'node:stream';
import {redactUrl} from '../core/redact-url.ts';
import type {Source} from '../core/source.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {ReceiveSource} from './receive.ts';
import type {NamedContext, NamedContexts} from '../plan/named-context.ts';
import type {GitSource} from '../plan/plan.ts';
import {AgentSockets} from './agent-sockets.ts';
import type {Agents} from './build-request.ts';
import {startLiveBuild} from '../store/live-builds.ts';
import {openStore} from '../store/open-store.ts';

/** A context that is somewhere else: standard input, what an http or https URL gives, or a commit. */
export type RemoteContext =
	| {readonly kind: 'input'}
	| {readonly kind: 'url'; readonly url: string}
	| {readonly kind: 'repository'; readonly source: GitSource};

export interface WantedContexts {
	readonly main: {readonly kind: 'directory'; readonly path: string} | RemoteContext;
	/** By name, in lower case. */
	readonly named: Readonly<Record<string, NamedContext | (RemoteContext & {/** As the command line has it. */ readonly option: string})>>;
}

export interface ReceivedContexts {
	/** The context directory. */
	readonly directory: string;
	/** What came was no archive but the Boxfile alone; the directory is empty. */
	readonly boxfile?: Source;
	readonly named: NamedContexts;
}

export interface ReceivedFrom {
	/** Path of the store: what is received lies in the directory of a live build there. */
	readonly store: string;
	readonly signal: AbortSignal;
	/** Git over SSH asks the one with the id `default`. */
	readonly agents: Agents;
	/** Standard input; called only when a context comes from there. */
	readonly input: () => Readable;
}

/** Receives the contexts that are elsewhere, gives all of them to `work`, and deletes what was received afterwards. */
export async function withReceivedContexts<T>(
	{main, named}: WantedContexts,
	from: ReceivedFrom,
	work: (received: ReceivedContexts) => Promise<T>,
): Promise<T> {
	let live: Awaited<ReturnType<typeof startLiveBuild>> | undefined;
	const place = async (name: string): Promise<string> => {
		live ??= await startLiveBuild(openStore(from.store).directory);
		return `${live.directory}/${name}`;
	};
	const sockets = new AgentSockets(from.agents, () => place('agents'));
	const source = {...from, agent: () => sockets.socket('default')};
	try {
		const received = main.kind === 'directory' ? {directory: main.path} : await receiveMain(main, await place('context'), source);
		const directories: Record<string, NamedContext> = {};
		for (const [index, [name, context]] of Object.entries(named).entries()) {
			const isHere = context.kind === 'directory' || context.kind === 'base';
			directories[name] = isHere
				? context
				: {kind: 'directory', path: await receiveNamed(context, await place(`context-${index}`), {...source, option: context.option})};
		}
		return await work({...received, named: directories});
	} finally {
		await sockets.close();
		if (live !== undefined) {
			// A git that was interrupted may still be writing.
			rmSync(live.directory, {recursive: true, force: true, maxRetries: 5});
			live.release();
		}
	}
}

async function receiveMain(context: RemoteContext, place: string, from: ReceiveSource): Promise<Omit<ReceivedContexts, 'named'>> {
	const {receive} = await import('./receive.ts');
	const {directory, text} = await receive(context, place, from);
	if (text === undefined) return {directory};
	return {directory, boxfile: {name: context.kind === 'url' ? redactUrl(context.url) : '-', text}};
}

/** Errors tell which option asked for it: nothing else of the command line or the Boxfile shows the address. */
async function receiveNamed(context: RemoteContext, place: string, {option, ...from}: ReceiveSource & {option: string}): Promise<string> {
	// What reaches networks and archives is not needed for a directory.
	const {receive, refused} = await import('./receive.ts');
	try {
		const {directory, text} = await receive(context, place, from);
		if (text !== undefined) throw refused(context, 'is a text, not an archive');
		return directory;
	} catch (error) {
		if (!(error instanceof BuildError)) throw error;
		const wanted = `\`--build-context ${redactUrl(option)}\` wants it`;
		const diagnostics = error.diagnostics.map((diagnostic) => ({...diagnostic, because: [...(diagnostic.because ?? []), wanted]}));
		throw new BuildError(diagnostics, {cause: error});
	}
}
