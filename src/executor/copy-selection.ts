import {type Digest, sha256} from '../core/digest.ts';
import {type PackedItems, packItems} from '../core/packed-items.ts';
import {canonicalJson} from '../core/canonical-json.ts';
import type {SelectFlags} from '../context/select-options.ts';
import type {CopyOp, CopySource, Step} from '../plan/plan.ts';
import type {BuildContext} from './build-context.ts';
import type {ContextOf, Sighting} from './context-tree.ts';
import type {LayerStack} from './layer-stack.ts';
import {located} from './located.ts';
import {packSources} from './worker/pack-sources.ts';
import type {CopyOrigin, HostItem} from './worker/protocol.ts';

/** Finds the stack that a copy takes files from. */
export type StackOf = (from: Exclude<CopyOp['from'], {kind: 'context'}>) => Promise<LayerStack>;

/** What is copied, by content; its files are needed only when the copy is made. */
export interface Selection {
	readonly digest: Digest | 'nothing';
	origin(): Promise<CopyOrigin>;
}

/** The same for some of the sources of an instruction. */
export interface SelectedPart {
	readonly digest: string;
	items(): Promise<readonly HostItem[]>;
}

export interface SelectionInputs {
	readonly step: Step;
	readonly op: CopyOp;
	readonly contextOf: ContextOf;
	readonly stackOf: StackOf;
	/** What `sightSources` has found. */
	readonly sighting?: Sighting | undefined;
}

/** What a copy of paths of the context selects, without reading it; undefined for any other copy. */
export async function sightSources({step, op, contextOf}: Omit<SelectionInputs, 'stackOf'>): Promise<Sighting | undefined> {
	const {from, sources} = op;
	if (from.kind !== 'context' || sources.length === 0 || sources.some(({kind}) => kind !== 'path')) return undefined;
	return located(step, async () => contextOf(from).look(patternsOf(sources), flagsOf(op)));
}

/** Selects the sources of a COPY or ADD. */
export async function selectSources(context: BuildContext, inputs: SelectionInputs): Promise<Selection> {
	return inputs.op.from.kind === 'context' ? selectInContext(context, inputs) : selectInStack(context, inputs);
}

async function selectInContext(context: BuildContext, {step, op, contextOf, sighting}: SelectionInputs): Promise<Selection> {
	const parts: SelectedPart[] = [];
	for (const sources of grouped(op.sources))
		parts.push(await located(step, () => selectPart(context, sources, {step, op, contextOf, sighting})));
	const [only] = parts;
	const digest =
		parts.length === 1 && only !== undefined ? (only.digest as Digest) : sha256(canonicalJson(parts.map((part) => part.digest)));
	return {
		digest,
		async origin() {
			const items: HostItem[] = [];
			for (const part of parts) items.push(...(await located(step, () => part.items())));
			return {kind: 'trees', sources: packSources(items)};
		},
	};
}

/** Neighbouring paths together, so that hard links between them are seen; every remote source alone. */
function grouped(sources: readonly CopySource[]): readonly (readonly CopySource[])[] {
	const groups: CopySource[][] = [];
	for (const source of sources.filter(({kind}) => kind !== 'inline')) {
		const last = groups.at(-1);
		if (source.kind === 'path' && last?.[0]?.kind === 'path') last.push(source);
		else groups.push([source]);
	}
	return groups.length === 0 ? [[]] : groups;
}

async function selectPart(
	context: BuildContext,
	sources: readonly CopySource[],
	{step, op, contextOf, sighting}: Omit<SelectionInputs, 'stackOf'>,
): Promise<SelectedPart> {
	const [first] = sources;
	if (first?.kind === 'url') return (await import('./remote-selection.ts')).selectUrl(context, first, op.unpackRemote === true);
	if (first?.kind === 'git') return (await import('./remote-selection.ts')).selectGit(context, first, flagsOf(op));
	if (op.from.kind !== 'context') throw new TypeError('only a context has paths');
	const tree = contextOf(op.from);
	const {items, digest: digestOf} = sighting ?? tree.look(patternsOf(sources), flagsOf(op));
	const digest = digestOf();
	context.facts.noteSelection(op.from.name ?? op.from.boxfile ?? '', `${step.id} ${patternsOf(sources).join('\0')}`, digest);
	return {digest, items: async () => items.map((item) => ({root: tree.root, item, unpack: op.unpack}))};
}

async function selectInStack(context: BuildContext, {step, op, stackOf}: SelectionInputs): Promise<Selection> {
	const {from} = op;
	if (from.kind === 'context') throw new TypeError('the context is no stack');
	const source = await stackOf(from);
	const patterns = patternsOf(op.sources);
	const flags = flagsOf(op);
	const {exclude = [], parents = false} = flags;
	const key = {kind: 'select', version: 2, chain: await source.awaitChain(), patterns, exclude: [...exclude], parents};
	let items: PackedItems | undefined;
	const look = async (): Promise<Digest> => {
		const worker = await context.worker();
		const found = await located(step, () => worker.call('select', {stack: source.stack, patterns, flags}));
		items = found.items;
		context.store.memo.set(key, found.digest);
		return found.digest;
	};
	const digest = (context.store.memo.get(key) as Digest | undefined) ?? (await look());
	return {
		digest,
		async origin() {
			if (items === undefined) await look();
			return {kind: 'stack', stack: source.stack, items: items ?? packItems([])};
		},
	};
}

export function patternsOf(sources: readonly CopySource[]): string[] {
	return sources.flatMap((source) => (source.kind === 'path' ? [source.pattern] : []));
}

export function flagsOf({exclude, parents}: CopyOp): SelectFlags {
	return {...(exclude === undefined ? {} : {exclude}), ...(parents === undefined ? {} : {parents})};
}
