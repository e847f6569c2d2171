import type {Source} from '../core/source.ts';
import type {Diagnostic, Label} from '../diagnostics/diagnostic.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import type {BaseName, BaseReference, Plan} from '../plan/plan.ts';
import type {ResolvedBase} from '../sources/source.ts';
import {mistakenImages} from '../sources/mistaken-images.ts';
import {resolveBase} from '../sources/resolve-base.ts';
import type {BuildContext} from './build-context.ts';
import type {BuildRequest} from './build-request.ts';
import {compileOptions} from './compile-options.ts';
import {checkForeignBase} from './foreign-context.ts';
import {located} from './located.ts';
import {readOtherBoxfile} from './other-boxfile.ts';
import {packDirectory} from './pack-directory.ts';
import {rememberedCompile} from './remembered-compile.ts';

export interface ResolvedPlan {
	readonly plan: Plan;
	/** By the text of the reference. */
	readonly bases: ReadonlyMap<string, ResolvedBase>;
}

/** Compiles the Boxfile and resolves the bases and Boxfiles it asks for, until there is a plan. Warnings go to the events, errors are thrown. */
export async function resolvePlan(context: BuildContext): Promise<ResolvedPlan> {
	const {request, events} = context;
	const bases = new Map<BaseName, ResolvedBase>();
	const files = new Map<string, Source>();
	let {contexts} = request;
	for (;;) {
		const configs = new Map<BaseName, ImageConfig>([...bases].map(([name, base]) => [name, base.config]));
		const {value, diagnostics} = await rememberedCompile(
			request.boxfile,
			{...compileOptions(request, context.platform), contexts, bases: configs, files},
			{
				store: context.store,
				digests: new Map([...bases].map(([name, {digest}]) => [name, digest])),
				unknown: () => context.prepareWorker(),
			},
		);
		const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
		const mistaken = await mistakenImages(errors, context.store.images, context.session.remote);
		if (Object.keys(mistaken).length > 0) {
			contexts = {...contexts, ...mistaken};
			continue;
		}
		if (errors.length > 0) throw new BuildError(diagnostics);
		if (value?.plan !== undefined) {
			await checkHostStages(value.plan, request);
			events.warned(diagnostics);
			return {plan: value.plan, bases};
		}
		const needs = value?.needs.filter(({name}) => !bases.has(name)) ?? [];
		const wanted = value?.files.filter(({file}) => !files.has(file)) ?? [];
		if (needs.length + wanted.length === 0) throw new Error('the compiler gives neither a plan nor new needs');
		const problems: Diagnostic[] = [];
		const at = async (place: Label, work: () => Promise<void> | void): Promise<void> => {
			try {
				await work();
			} catch (error) {
				if (!(error instanceof BuildError)) throw error;
				// The place of the reference belongs to what is wrong with it.
				problems.push(...error.diagnostics.map((diagnostic) => ({primary: {source: place.source, span: place.span}, ...diagnostic})));
			}
		};
		for (const need of wanted) await at(need, () => void files.set(need.file, readOtherBoxfile(need.file, request)));
		for (const need of needs) await at(need, async () => void bases.set(need.name, await resolve(need.base, context)));
		if (problems.length > 0) throw new BuildError(problems);
	}
}

async function checkHostStages({stages, steps}: Plan, request: BuildRequest): Promise<void> {
	for (const stage of stages) {
		const base = steps[stage.steps[0] ?? -1];
		if (base?.op.kind === 'base' && base.op.base.kind === 'host') await located(base, () => checkForeignBase({kind: 'host'}, request));
	}
}

function resolve(reference: BaseReference, context: BuildContext): Promise<ResolvedBase> {
	const {request, store} = context;
	checkForeignBase(reference, request);
	return resolveBase(reference, {
		store,
		remote: context.session.remote,
		platform: context.platform,
		epoch: request.epoch.seconds,
		directory: request.context,
		packDirectory: (path) => pack(path, context),
	});
}

async function* pack(path: string, context: BuildContext): AsyncGenerator<Uint8Array> {
	yield* packDirectory(path, context.store.directory, await context.worker());
}
