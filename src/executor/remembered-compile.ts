import type {CompileOptions, Compiled} from '../compile/compile.ts';
import type {Json} from '../core/canonical-json.ts';
import {type Digest, hexOf} from '../core/digest.ts';
import type {Source} from '../core/source.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';
import type {BaseName} from '../plan/plan.ts';
import type {Store} from '../store/open-store.ts';
import {thisProgram} from './this-program.ts';

interface RememberedIn {
	readonly store: Store;
	/** Of the bases' manifests: each stands for its configuration. */
	readonly digests: ReadonlyMap<BaseName, Digest>;
	/** Called before the Boxfile has to be compiled: it is new or changed. */
	unknown(): Promise<void>;
}

/**
 * What `compile` says, remembered by everything it depends on: compiling is pure, and loading the grammar is most of what a cached build
 * would do (60 of 120 ms on two cores). Failures are not remembered.
 */
export async function rememberedCompile(
	source: Source,
	options: CompileOptions,
	{store, digests, unknown}: RememberedIn,
): Promise<Outcome<Compiled>> {
	const {bases: _, files = new Map<string, Source>(), ...plain} = options;
	const key = {
		kind: 'plan',
		program: thisProgram,
		source: {...source},
		options: plain as unknown as Json,
		// Without `sha256:`: the plan needs no document of the base in the store.
		bases: Object.fromEntries([...digests].map(([name, digest]) => [name, hexOf(digest)])),
		files: Object.fromEntries([...files].map(([file, {text}]) => [file, text])),
	};
	const known = store.memo.get(key);
	if (known !== undefined) return unpack(known);
	await unknown();
	const {compile} = await import('../compile/compile.ts');
	const outcome = compile(source, options);
	if (outcome.value !== undefined && outcome.diagnostics.every(({severity}) => severity !== 'error')) store.memo.set(key, pack(outcome));
	return outcome;
}

/** Every step holds the whole source text: in the memo it stands once. */
function pack(outcome: Outcome<Compiled>): Json {
	const sources: Source[] = [];
	const indexOf = (source: Source): number => {
		const known = sources.indexOf(source);
		return known === -1 ? sources.push(source) - 1 : known;
	};
	const text = JSON.stringify(outcome, (name, value: unknown) => (name === 'source' && isSource(value) ? indexOf(value) : value));
	return {sources: sources.map((source) => ({...source})), outcome: text};
}

function unpack(packed: Json): Outcome<Compiled> {
	const {sources, outcome} = packed as unknown as {readonly sources: readonly Source[]; readonly outcome: string};
	return JSON.parse(outcome, (name, value: unknown) =>
		name === 'source' && typeof value === 'number' ? sources[value] : value,
	) as Outcome<Compiled>;
}

function isSource(value: unknown): value is Source {
	return typeof value === 'object' && value !== null && 'text' in value && 'name' in value;
}
