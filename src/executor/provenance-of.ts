import {PackageURL} from 'packageurl-js';
import {hexOf, sha256} from '../core/digest.ts';
import type {Platform} from '../oci/image-config.ts';
import {parseReference} from '../oci/reference.ts';
import {baseName} from '../plan/base-reference.ts';
import type {BaseReference, Op, Plan} from '../plan/plan.ts';
import {platformText} from '../plan/platform.ts';
import type {ProvenanceDependency, ProvenanceInput, ProvenanceStep} from '../provenance/provenance.ts';
import type {ResolvedBase} from '../sources/source.ts';
import type {BuildFacts} from './build-facts.ts';
import type {BuildRequest} from './build-request.ts';
import type {StepResult} from './step-result.ts';

/** A finished build. */
export interface FinishedBuild {
	readonly plan: Plan;
	/** By the text of the reference. */
	readonly bases: ReadonlyMap<string, ResolvedBase>;
	/** By step id. */
	readonly results: readonly StepResult[];
	readonly request: BuildRequest;
	readonly facts: BuildFacts;
	/** Of the image. */
	readonly platform: Platform;
}

/** What the provenance of a build tells; the layers have their diffIDs by now. */
export async function provenanceOf(
	{plan, bases, results, request, facts, platform}: FinishedBuild,
	{mode, builderId}: Pick<ProvenanceInput, 'mode' | 'builderId'>,
): Promise<Omit<ProvenanceInput, 'digest'>> {
	const {boxfile, target, buildArgs, labels, secrets, agents, network, epoch, tags} = request;
	return {
		mode,
		names: tags.map((tag) => imageUri(tag, platformText(platform))),
		boxfile: {name: boxfile.name, digest: sha256(boxfile.text)},
		...(target === undefined ? {} : {target}),
		platform: platformText(platform),
		args: buildArgs,
		labels,
		secrets: [...secrets.keys()],
		agents: [...agents.keys()],
		network,
		epoch: epoch.kind === 'keep' ? 'keep' : epoch.seconds,
		dependencies: [...baseDependencies(plan, bases, platform), ...otherBoxfiles(plan, request), ...facts.dependencies()],
		steps: await Promise.all(plan.steps.map(({id}) => stepOf(id, {plan, results, facts}))),
		...(builderId === undefined ? {} : {builderId}),
	};
}

/** The images that steps start from or take files from, each once, in the order of the plan. */
function baseDependencies(plan: Plan, bases: FinishedBuild['bases'], platform: Platform): readonly ProvenanceDependency[] {
	const found = new Map<string, ProvenanceDependency>();
	for (const reference of plan.steps.flatMap(({op}) => referencesOf(op))) {
		const name = baseName(reference);
		const base = bases.get(name);
		if (base === undefined) continue;
		const own = 'platform' in reference ? reference.platform : undefined;
		found.set(name, {name, uri: baseUri(reference, own ?? platformText(platform)), digest: {sha256: hexOf(base.digest)}});
	}
	return [...found.values()];
}

function referencesOf(op: Op): readonly BaseReference[] {
	if (op.kind === 'base') return op.base.kind === 'step' ? [] : [op.base];
	if (op.kind === 'copy') return op.from.kind === 'base' ? [op.from.base] : [];
	if (op.kind !== 'exec') return [];
	return (op.mounts ?? []).flatMap((mount) => ('from' in mount && mount.from?.kind === 'base' ? [mount.from.base] : []));
}

function baseUri(reference: BaseReference, platform: string): string {
	if (reference.kind === 'name') return imageUri(reference.name, platform);
	if (!('path' in reference)) return `${reference.kind}:`;
	return encodeURI(`${reference.kind}:${reference.path}${reference.tag === undefined ? '' : `:${reference.tag}`}`);
}

/** As BuildKit names images: `pkg:docker/NAME@TAG?platform=...`, without what Docker adds to short names. */
function imageUri(name: string, platform: string): string {
	const reference = parseReference(name).value;
	if (reference === undefined) return encodeURI(name);
	const {registry, repository, tag, digest} = reference;
	const short = registry === 'docker.io' ? repository.replace(/^library\//v, '') : `${registry}/${repository}`;
	const cut = short.lastIndexOf('/');
	const namespace = cut === -1 ? undefined : short.slice(0, cut);
	return new PackageURL('docker', namespace, short.slice(cut + 1), tag ?? digest, {platform}, undefined).toString();
}

/** Boxfiles that the main one takes stages from. */
function otherBoxfiles({steps}: Plan, {boxfile}: BuildRequest): readonly ProvenanceDependency[] {
	const texts = new Map(steps.map(({origin: {source}}) => [source.name, source.text]));
	texts.delete(boxfile.name);
	return [...texts].map(([name, text]) => ({name, digest: {sha256: hexOf(sha256(text))}}));
}

async function stepOf(id: number, {plan, results, facts}: Pick<FinishedBuild, 'plan' | 'results' | 'facts'>): Promise<ProvenanceStep> {
	const step = plan.steps[id];
	if (step === undefined) throw new RangeError(`no step ${id}`);
	const result = results[id];
	const identity = result?.empty === false ? await result.stack.layers.at(-1)?.identity : undefined;
	const key = facts.keyOf(id);
	const {stage, origin} = step;
	const named = plan.stages[stage];
	return {
		id,
		stage: named?.name ?? String(named?.index ?? stage),
		instruction: origin.text,
		...(key === undefined ? {} : {key}),
		...(identity === undefined ? {} : {diffId: identity.diffId}),
	};
}
