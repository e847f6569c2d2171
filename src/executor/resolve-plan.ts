import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import type {BaseName, BaseReference, Plan} from '../plan/plan.ts';
import type {ResolvedBase} from '../sources/source.ts';
import {resolveBase} from '../sources/resolve-base.ts';
import type {BuildContext} from './build-context.ts';
import {packDirectory} from './pack-directory.ts';
import {rememberedCompile} from './remembered-compile.ts';

export interface ResolvedPlan {
	readonly plan: Plan;
	/** By the text of the reference. */
	readonly bases: ReadonlyMap<string, ResolvedBase>;
}

/** Compiles the Boxfile and resolves the bases it asks for, until there is a plan. Warnings go to the events, errors are thrown. */
export async function resolvePlan(context: BuildContext): Promise<ResolvedPlan> {
	const {request, events} = context;
	const bases = new Map<BaseName, ResolvedBase>();
	for (;;) {
		const configs = new Map<BaseName, ImageConfig>([...bases].map(([name, base]) => [name, base.config]));
		const options = {
			buildArgs: request.buildArgs,
			platform: request.platform,
			labels: request.labels,
			bases: configs,
			contexts: request.contexts,
			...(request.target === undefined ? {} : {target: request.target}),
		};
		const {value, diagnostics} = await rememberedCompile(request.boxfile, options, {
			store: context.store,
			unknown: () => context.prepareWorker(),
		});
		const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
		if (errors.length > 0) throw new BuildError(diagnostics);
		if (value?.plan !== undefined) {
			events.warned(diagnostics);
			return {plan: value.plan, bases};
		}
		const needs = value?.needs.filter((need) => !bases.has(need.name)) ?? [];
		if (needs.length === 0) throw new Error('the compiler gives neither a plan nor new needs');
		const problems: Diagnostic[] = [];
		for (const need of needs) {
			try {
				bases.set(need.name, await resolve(need.base, context));
			} catch (error) {
				if (!(error instanceof BuildError)) throw error;
				// The place of the reference belongs to what is wrong with it.
				problems.push(...error.diagnostics.map((diagnostic) => ({primary: {source: need.source, span: need.span}, ...diagnostic})));
			}
		}
		if (problems.length > 0) throw new BuildError(problems);
	}
}

function resolve(reference: BaseReference, context: BuildContext): Promise<ResolvedBase> {
	const {request, store} = context;
	return resolveBase(reference, {
		store,
		platform: request.platform,
		epoch: request.epoch.seconds,
		directory: request.context,
		packDirectory: (path) => pack(path, context),
	});
}

async function* pack(path: string, context: BuildContext): AsyncGenerator<Uint8Array> {
	yield* packDirectory(path, context.store.directory, await context.worker());
}
