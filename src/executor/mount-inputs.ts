import {canonicalJson} from '../core/canonical-json.ts';
import {type ChainId, type Digest, hexOf, sha256} from '../core/digest.ts';
import {stepAgentMissing, stepMountSource, stepSecretMissing} from '../diagnostics/mount.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {CopyFrom, ExecOp, Step} from '../plan/plan.ts';
import type {BindMount, CacheMount, RunMount} from '../plan/run-mount.ts';
import type {BuildContext} from './build-context.ts';
import type {ContextOf, ContextTree} from './context-tree.ts';
import type {StackOf} from './copy-selection.ts';
import type {LayerStack} from './layer-stack.ts';
import type {CacheSeed, MountRequest, SelectedFiles} from './worker/mount-request.ts';

/** Where mounts take files from. */
export interface MountOrigins {
	readonly contextOf: ContextOf;
	readonly stackOf: StackOf;
}

/** What a step's mounts add to its key, and what the worker has to be told when it runs. */
export interface MountInputs {
	readonly inputs: readonly (readonly [name: string, digest: string])[];
	requests(): Promise<readonly MountRequest[]>;
}

/** One mount. */
interface Prepared {
	readonly digest?: string;
	requests(): Promise<readonly MountRequest[]> | readonly MountRequest[];
}

/** Looks at the files of binds by content; secrets and agents are looked at only when the step runs. */
export async function mountInputs(context: BuildContext, step: Step, {mounts = []}: ExecOp, origins: MountOrigins): Promise<MountInputs> {
	const prepared: Prepared[] = [];
	for (const [index, mount] of mounts.entries()) {
		const found = await inPlace(step, mount, () => prepare(context, mount, origins));
		if ('from' in mount && mount.from?.kind === 'context' && found.digest !== undefined)
			context.facts.noteSelection(mount.from.name ?? mount.from.boxfile ?? '', `${step.id} mount ${index}`, found.digest);
		prepared.push(found);
	}
	return {
		inputs: prepared.flatMap(({digest}, index) => (digest === undefined ? [] : [[`mount ${index}`, digest] as const])),
		async requests() {
			const found: MountRequest[] = [];
			for (const [index, mount] of mounts.entries())
				found.push(...(await inPlace(step, mount, async () => (await prepared[index]?.requests()) ?? [])));
			return found;
		},
	};
}

/** Shows what goes wrong with a mount at the mount; `mount` is where it is known from the facts. */
export async function inPlace<T>(step: Step, mount: RunMount | undefined, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof BuildError)) throw error;
		const {source, span} = step.origin;
		const mounts = step.op.kind === 'exec' ? (step.op.mounts ?? []) : [];
		const located = error.diagnostics.map((diagnostic) => {
			const meant = mount ?? mounts.find(({target}) => target !== undefined && target === diagnostic.data?.['mount']);
			return {primary: {source, span: meant?.span ?? span}, ...diagnostic};
		});
		throw new BuildError(located, {cause: error});
	}
}

async function prepare(context: BuildContext, mount: RunMount, origins: MountOrigins): Promise<Prepared> {
	switch (mount.kind) {
		case 'bind':
			return mount.from.kind === 'context'
				? bindOfContext(context, mount, mount.from, origins)
				: bindOfStack(context, mount, mount.from, origins);
		case 'cache':
			return cache(context, mount, origins);
		case 'tmpfs': {
			const {kind, target, size, writable} = mount;
			return {requests: () => [{kind, target, writable, ...(size === undefined ? {} : {size})}]};
		}
		case 'secret':
			return {requests: () => secret(context, mount)};
		case 'ssh':
			return {requests: () => agent(context, mount)};
	}
}

/** The source is a path, not a pattern. */
function literal(path: string): string {
	return path.replaceAll(/[*?\[\\]/gv, '\\$&');
}

function bindOfContext(
	context: BuildContext,
	mount: BindMount,
	from: Extract<CopyFrom, {kind: 'context'}>,
	{contextOf}: MountOrigins,
): Prepared {
	const {target, writable} = mount;
	const {digest, files} = filesOf(context, mount, contextOf(from));
	return {digest, requests: () => [{kind: 'files', ...files, target, writable}]};
}

/** A path of a context, by content. */
function filesOf(
	{request}: BuildContext,
	{target, source}: BindMount | CacheMount,
	tree: ContextTree,
): {readonly digest: Digest; readonly files: SelectedFiles} {
	const {items, digest} = tree.select([literal(source)]);
	const [item] = items;
	if (item === undefined) throw new BuildError(stepMountSource(target, source, 'ENOENT'));
	return {digest, files: {root: tree.root, item, mtime: request.epoch.kind === 'keep' ? 'keep' : request.epoch.seconds}};
}

async function bindOfStack(
	context: BuildContext,
	{target, source, writable}: BindMount,
	from: Exclude<CopyFrom, {kind: 'context'}>,
	{stackOf}: MountOrigins,
): Promise<Prepared> {
	const stack = await stackOf(from);
	return {
		digest: await contentOf(context, stack, source),
		requests: () => [{kind: 'tree', stack: stack.stack, path: source, target, writable}],
	};
}

/** Everything of a stack is what its chainID says; of a part the files are digested, once for each content of the stack. */
async function contentOf(context: BuildContext, stack: LayerStack, source: string): Promise<Digest | ChainId> {
	const chain = await stack.chain;
	if (source === '') return chain;
	const patterns = [literal(source)];
	const key = {kind: 'select of mount', version: 1, chain, patterns};
	const known = context.store.memo.get(key);
	if (typeof known === 'string') return known as Digest;
	const worker = await context.worker();
	const {items, digest} = await worker.call('select', {stack: stack.stack, patterns, flags: {}});
	if (items.entries === 0) throw new BuildError(stepMountSource('', source, 'ENOENT'));
	context.store.memo.set(key, digest);
	return digest;
}

/** A cache is named by its id and by all that decides how a new one looks. */
async function cache(context: BuildContext, mount: CacheMount, origins: MountOrigins): Promise<Prepared> {
	const {kind, target, id, sharing, writable, source, attributes} = mount;
	const seed = await seedOf(context, mount, origins);
	const name = hexOf(sha256(canonicalJson({id, attributes: {...attributes}, seed: seed?.digest})));
	const from = seed === undefined ? {path: source} : {path: '', seed: seed.seed};
	return {
		...(seed === undefined ? {} : {digest: seed.digest}),
		requests: () => [{kind, target, name, sharing, writable, attributes, ...from}],
	};
}

/** What a new cache is filled with. */
async function seedOf(
	context: BuildContext,
	mount: CacheMount,
	{contextOf, stackOf}: MountOrigins,
): Promise<{readonly digest: string; readonly seed: CacheSeed} | undefined> {
	const {from, source} = mount;
	if (from === undefined) return undefined;
	if (from.kind === 'context') {
		const {digest, files} = filesOf(context, mount, contextOf(from));
		return {digest, seed: {kind: 'files', ...files}};
	}
	const stack = await stackOf(from);
	return {digest: `${await stack.chain} ${source}`, seed: {kind: 'tree', stack: stack.stack, path: source}};
}

function secret(
	{request}: BuildContext,
	{id, target, env, required, attributes}: Extract<RunMount, {kind: 'secret'}>,
): readonly MountRequest[] {
	const given = request.secrets.get(id);
	if (given === undefined && required) throw new BuildError(stepSecretMissing(id, target ?? ''));
	if (given === undefined) return [];
	const content = given();
	return [
		...(target === undefined ? [] : [{kind: 'secret', target, content, attributes} as const]),
		...(env === undefined ? [] : [{kind: 'variable', name: env, content} as const]),
	];
}

async function agent(
	context: BuildContext,
	{id, target, required, attributes}: Extract<RunMount, {kind: 'ssh'}>,
): Promise<readonly MountRequest[]> {
	const socket = await context.agents.socket(id);
	if (socket !== undefined) return [{kind: 'ssh', target, socket, attributes}];
	if (required) throw new BuildError(stepAgentMissing(id, target));
	return [];
}
