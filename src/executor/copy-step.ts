import type {ChainId, Digest} from '../core/digest.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {TreeItem} from '../core/tree-entry.ts';
import type {Span} from '../core/source.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {CopyOp, MakeDirectoryOp, Step} from '../plan/plan.ts';
import {operationKey} from '../plan/step-key.ts';
import {type BuildContext, factsDigest} from './build-context.ts';
import type {ContextTree} from './context-tree.ts';
import type {LayerStack} from './layer-stack.ts';
import {addLayer, recall, type StepResult} from './step-result.ts';
import type {CopyOrigin, CopyRequest} from './worker/protocol.ts';

/** Finds the stack that a copy takes files from. */
export type StackOf = (from: Exclude<CopyOp['from'], {kind: 'context'}>) => Promise<LayerStack>;

/** What is copied, by content; its items are needed only when the copy is made. */
interface Selection {
	readonly digest: Digest | 'nothing';
	origin(): Promise<CopyOrigin>;
}

/** COPY, ADD and WORKDIR: the remembered layer, or a new one. The key depends on the files and on what stands at the destination, not on all of the parent. */
export async function copyStep(
	context: BuildContext,
	{step, op, below, tree, stackOf}: {step: Step; op: CopyOp | MakeDirectoryOp; below: LayerStack; tree: ContextTree; stackOf: StackOf},
): Promise<{result: StepResult; hit: boolean}> {
	const {store, request} = context;
	const mtime = request.epoch.kind === 'keep' || (op.kind === 'copy' && op.from.kind !== 'context') ? 'keep' : request.epoch.seconds;
	const selection = op.kind === 'copy' ? await select(context, step, op, tree, stackOf) : nothing;
	const operation = operationKey(op, [
		['selection', selection.digest],
		['times', String(mtime)],
	]);
	const unpack = op.kind === 'copy' && op.unpack;
	const copyRequest = async (): Promise<CopyRequest> => requestOf(op, below, await selection.origin(), mtime);
	const find = async (): Promise<StepResult | undefined> => {
		if (context.isUncached(step) || !store.steps.hasAny(operation)) return undefined;
		return recall(context, store.steps.get(operation, await parentOf(context, operation, below, unpack, copyRequest)), below);
	};
	const known = await located(step, find);
	if (known !== undefined) return {result: known, hit: true};
	const lock = await context.lockOperation(operation);
	try {
		const meanwhile = await find();
		if (meanwhile !== undefined) {
			lock.release();
			return {result: meanwhile, hit: true};
		}
		const worker = await context.worker();
		const made = await located(step, async () => worker.call('copy', await copyRequest()));
		const facts = factsDigest(made.facts);
		const parent = below.chain.then((chain) => {
			if (unpack) return chain;
			store.memo.set(memoKey(chain, operation), facts);
			return facts as ChainId;
		});
		return {result: addLayer(context, worker, {operation, parent, made, below, recorded: () => lock.release()}), hit: false};
	} catch (error) {
		lock.release();
		throw error;
	}
}

/** A directory that holds nothing: copying it makes the destination. */
const emptyDirectory: TreeItem = {name: '' as RawPath, isDirectory: true, entries: []};
const nothing: Selection = {digest: 'nothing', origin: async () => ({kind: 'tree', root: '/', items: [emptyDirectory]})};

async function select(context: BuildContext, step: Step, op: CopyOp, tree: ContextTree, stackOf: StackOf): Promise<Selection> {
	const patterns = op.sources.flatMap((source) => (source.kind === 'path' ? [source.pattern] : []));
	const {from} = op;
	if (from.kind === 'context') {
		const {items, digest} = await located(step, async () => tree.select(patterns));
		return {digest, origin: async () => ({kind: 'tree', root: tree.root, items})};
	}
	const source = await stackOf(from);
	const key = {kind: 'select', version: 1, chain: await source.chain, patterns};
	let items: readonly TreeItem[] | undefined;
	const look = async (): Promise<Digest> => {
		const worker = await context.worker();
		const found = await located(step, () => worker.call('select', {stack: source.stack, patterns}));
		items = found.items;
		context.store.memo.set(key, found.digest);
		return found.digest;
	};
	const digest = (context.store.memo.get(key) as Digest | undefined) ?? (await look());
	return {
		digest,
		async origin() {
			if (items === undefined) await look();
			return {kind: 'stack', stack: source.stack, items: items ?? []};
		},
	};
}

/** An archive can land anywhere, so unpacking depends on all of the parent; any other copy on what the worker says of the destination. */
async function parentOf(
	context: BuildContext,
	operation: Parameters<typeof memoKey>[1],
	below: LayerStack,
	unpack: boolean,
	request: () => Promise<CopyRequest>,
): Promise<ChainId> {
	const chain = await below.chain;
	if (unpack) return chain;
	const key = memoKey(chain, operation);
	const known = context.store.memo.get(key);
	if (typeof known === 'string') return known as ChainId;
	const worker = await context.worker();
	const facts = factsDigest(await worker.call('copyFacts', await request()));
	context.store.memo.set(key, facts);
	return facts as ChainId;
}

function memoKey(chain: ChainId, operation: string): {readonly [member: string]: string} {
	return {kind: 'copy-facts', chain, operation};
}

function requestOf(op: CopyOp | MakeDirectoryOp, below: LayerStack, origin: CopyOrigin, mtime: number | 'keep'): CopyRequest {
	const {stack} = below;
	if (op.kind === 'make-directory') {
		const destination = `${op.path.replace(/\/+$/v, '')}/`;
		return {stack, origin, inline: [], destination, unpack: false, mtime, ...(op.owner === undefined ? {} : {chown: op.owner})};
	}
	return {
		stack,
		origin,
		inline: op.sources.flatMap((source) => (source.kind === 'inline' ? [{name: source.name, content: source.content}] : [])),
		destination: op.destination,
		unpack: op.unpack,
		mtime,
		...(op.chown === undefined ? {} : {chown: op.chown}),
		...(op.chmod === undefined ? {} : {chmod: op.chmod}),
	};
}

/** What goes wrong with the files of an instruction is shown at the instruction. */
async function located<T>(step: Step, work: () => Promise<T> | T): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof BuildError)) throw error;
		const {source, span} = step.origin;
		throw new BuildError(
			error.diagnostics.map((diagnostic) => ({primary: {source, span: spanOfSource(step, diagnostic.data) ?? span}, ...diagnostic})),
			{cause: error},
		);
	}
}

/** The place of the source that the facts of a diagnostic name. */
function spanOfSource({op}: Step, data: Diagnostic['data']): Span | undefined {
	const sources = op.kind === 'copy' ? op.sources : [];
	const source = sources.find((candidate) => candidate.kind === 'path' && candidate.pattern === data?.['pattern']);
	return source?.kind === 'path' ? source.span : undefined;
}
