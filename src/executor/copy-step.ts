import type {ChainId, StepKey} from '../core/digest.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {TreeItem} from '../core/tree-entry.ts';
import type {CopyOp, MakeDirectoryOp, Step} from '../plan/plan.ts';
import {operationKey} from '../plan/step-key.ts';
import type {Lock} from '../host/lock.ts';
import {isNumericOwner} from '../rootfs/user-names.ts';
import {type BuildContext, factsDigest} from './build-context.ts';
import type {ContextOf, Sighting} from './context-tree.ts';
import {selectSources, sightSources, type Selection, type StackOf} from './copy-selection.ts';
import type {LayerStack} from './layer-stack.ts';
import {copyUnread} from './copy-unread.ts';
import {noteCopy, repeatCopy, type RepeatableCopy} from './repeat-copy.ts';
import {located} from './located.ts';
import {addLayer, recall, type StepResult} from './step-result.ts';
import {packSources} from './worker/pack-sources.ts';
import type {CopyOrigin, CopyRequest, ReplyOf} from './worker/protocol.ts';

/** A COPY, ADD or WORKDIR of a plan. `asTar`: its layer may be a tar. */
export interface CopyStep {
	readonly step: Step;
	readonly op: CopyOp | MakeDirectoryOp;
	readonly below: LayerStack;
	readonly contextOf: ContextOf;
	readonly stackOf: StackOf;
	readonly asTar: boolean;
}

/** COPY, ADD and WORKDIR: the remembered layer, or a new one. The key depends on the files and on what stands at the destination, not on all of the parent. */
export async function copyStep(context: BuildContext, inputs: CopyStep): Promise<{result: StepResult; hit: boolean}> {
	const {store} = context;
	const {step, op, below} = inputs;
	const {selection, unread, mtime, requestFor} = await selectFiles(context, inputs);
	const operation = operationKey(op, [
		['selection', selection.digest],
		['times', String(mtime)],
	]);
	context.facts.noteKey(step.id, operation);
	const independence = independenceOf(op);
	const copyRequest = async (): Promise<CopyRequest> => requestFor(await selection.origin());
	const find = async (): Promise<StepResult | undefined> => {
		if (context.isUncached(step) || !store.steps.hasAny(operation)) return undefined;
		return recall(context, store.steps.get(operation, await parentOf(context, operation, below, independence, copyRequest)), below);
	};
	const known = await located(step, find);
	if (known !== undefined) return {result: known, hit: true};
	const lock = await context.lockOperation(operation);
	try {
		const meanwhile = await find();
		if (meanwhile === undefined) {
			const copy = {op, below, mtime, operation, independence, unread};
			return {result: await located(step, async () => makeLayer(context, copy, {asked: await copyRequest(), step, lock})), hit: false};
		}
		lock.release();
		return {result: meanwhile, hit: true};
	} catch (error) {
		lock.release();
		throw error;
	}
}

interface SelectedFiles {
	readonly selection: Selection;
	/** The layer, when it was made before the key was known. */
	readonly unread: ReplyOf<'copy'> | undefined;
	readonly mtime: CopyRequest['mtime'];
	requestFor(origin: CopyOrigin): CopyRequest;
}

async function selectFiles(context: BuildContext, {step, op, below, contextOf, stackOf, asTar}: CopyStep): Promise<SelectedFiles> {
	const {epoch} = context.request;
	const mtime = epoch.kind === 'keep' || (op.kind === 'copy' && op.from.kind !== 'context') ? 'keep' : epoch.seconds;
	const requestFor = (origin: CopyOrigin): CopyRequest => ({...requestOf(op, below, origin, mtime), asTar});
	if (op.kind === 'make-directory') return {selection: nothing, unread: undefined, mtime, requestFor};
	const sighting = await sightSources({step, op, contextOf});
	const request = (): CopyRequest => requestFor(originOf(sighting));
	const isForced = context.isUncached(step);
	const unread = sighting && asTar ? await copyUnread(context, {op, below, mtime}, {sighting, isForced, request}) : undefined;
	return {selection: await selectSources(context, {step, op, contextOf, stackOf, sighting}), unread, mtime, requestFor};
}

interface Copy extends RepeatableCopy {
	readonly operation: StepKey;
	readonly independence: Independence;
	readonly unread: SelectedFiles['unread'];
}

/** The lock is released when the result is recorded, or never will be. */
async function makeLayer(
	context: BuildContext,
	copy: Copy,
	{asked, step, lock}: {readonly asked: CopyRequest; readonly step: Step; readonly lock: Lock},
): Promise<StepResult> {
	const {below, operation} = copy;
	const {origin} = asked;
	const {asTar} = asked;
	const sources = origin.kind === 'trees' ? origin.sources : undefined;
	const again =
		sources === undefined || copy.unread !== undefined || context.isUncached(step)
			? undefined
			: await repeatCopy(context, copy, {sources, asTar});
	if (again !== undefined) {
		const {stored, facts} = again;
		const {diffId, size} = stored;
		context.store.steps.put(operation, parentFor(context, copy, {chain: await below.chain, facts}), {diffId});
		lock.release();
		return {stack: below.withStored(diffId, size, {stored}), empty: false};
	}
	const worker = await context.worker();
	const made = copy.unread ?? (await worker.call('copy', asked));
	const facts = factsDigest(made.facts);
	const parent = below.chain.then((chain) => parentFor(context, copy, {chain, facts}));
	const result = addLayer(context, worker, {operation, parent, made, below, recorded: () => lock.release()});
	if (made.places !== undefined && sources !== undefined) noteCopy(context, copy, {result, facts, places: made.places, sources});
	return result;
}

/** What the result is remembered on; the facts of the destination are remembered beside it. */
function parentFor(
	{store}: BuildContext,
	{operation, independence}: Copy,
	{chain, facts}: {readonly chain: ChainId; readonly facts: string},
): ChainId {
	if (independence === 'none') return chain;
	if (independence === 'full') return factsDigest(linkFacts) as ChainId;
	store.memo.set(memoKey(chain, operation), facts);
	return facts as ChainId;
}

/** A directory that holds nothing: copying it makes the destination. */
const emptyDirectory: TreeItem = {name: '' as RawPath, isDirectory: true, entries: []};
const nothing: Selection = {
	digest: 'nothing',
	origin: async () => ({kind: 'trees', sources: packSources([{root: '/', item: emptyDirectory, unpack: false}])}),
};

/**
 * What of the stack below a result depends on. `none`: on all of it, because an archive can land anywhere. `some`: on what the worker says of
 * the destination. `full`: on nothing, as a linked copy that looks no names up.
 */
type Independence = 'none' | 'some' | 'full';

const linkFacts = [null, null];

function independenceOf(op: CopyOp | MakeDirectoryOp): Independence {
	if (op.kind === 'make-directory') return 'some';
	const {link, chown, unpack, unpackRemote, from} = op;
	if (link === true) return chown === undefined || isNumericOwner(chown) ? 'full' : 'some';
	return (unpack && from.kind === 'context') || unpackRemote === true ? 'none' : 'some';
}

async function parentOf(
	context: BuildContext,
	operation: Parameters<typeof memoKey>[1],
	below: LayerStack,
	independence: Independence,
	request: () => Promise<CopyRequest>,
): Promise<ChainId> {
	const chain = await below.awaitChain();
	if (independence === 'none') return chain;
	if (independence === 'full') return factsDigest(linkFacts) as ChainId;
	const key = memoKey(chain, operation);
	const known = context.store.memo.get(key);
	if (typeof known === 'string') return known as ChainId;
	const worker = await context.worker();
	const facts = factsDigest(await worker.call('copyFacts', await request()));
	context.store.memo.set(key, facts);
	return facts as ChainId;
}

/** What was selected but not read. */
function originOf(sighting: Sighting | undefined): CopyOrigin {
	const {root = '/', items = []} = sighting ?? {};
	return {kind: 'trees', sources: packSources(items.map((item) => ({root, item, unpack: false})))};
}

function memoKey(chain: ChainId, operation: string): {readonly [member: string]: string} {
	return {kind: 'copy-facts', chain, operation};
}

function requestOf(
	op: CopyOp | MakeDirectoryOp,
	below: LayerStack,
	origin: CopyOrigin,
	mtime: number | 'keep',
): Omit<CopyRequest, 'asTar'> {
	const {stack} = below;
	if (op.kind === 'make-directory') {
		const destination = `${op.path.replace(/\/+$/v, '')}/`;
		return {
			stack,
			origin,
			inline: [],
			destination,
			several: false,
			link: false,
			mtime,
			...(op.owner === undefined ? {} : {chown: op.owner}),
		};
	}
	return {
		stack,
		origin,
		inline: op.sources.flatMap((source) => (source.kind === 'inline' ? [{name: source.name, content: source.content}] : [])),
		destination: op.destination,
		several: op.sources.length > 1,
		link: op.link === true,
		mtime,
		...(op.chown === undefined ? {} : {chown: op.chown}),
		...(op.chmod === undefined ? {} : {chmod: op.chmod}),
	};
}
