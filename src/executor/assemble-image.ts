import type {Digest} from '../core/digest.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {baseName} from '../plan/base-reference.ts';
import {annotationsFor} from '../oci/annotations.ts';
import type {History, ImageConfig, Platform} from '../oci/image-config.ts';
import {makeImageConfig, printImageConfig, timestampOf} from '../oci/make-image-config.ts';
import {makeManifest} from '../oci/manifest.ts';
import {compressionOf, layerTypes, mediaTypes} from '../oci/media-types.ts';
import type {Plan, Step} from '../plan/plan.ts';
import type {ResolvedBase} from '../sources/source.ts';
import type {BlobName} from '../store/blob-store.ts';
import type {Store} from '../store/open-store.ts';
import type {ExportLayer} from '../exporters/exporter.ts';
import type {BuildRequest} from './build-request.ts';
import type {StepResult} from './step-result.ts';

/** A finished image; its documents are in the store, its layers there as directories or blobs. */
export interface AssembledImage {
	readonly config: ImageConfig;
	readonly manifest: Descriptor;
	readonly configDigest: Digest;
	readonly layers: readonly ExportLayer[];
}

/** Puts configuration, history and layers of the target together and stores the documents. */
export async function assembleImage(
	{plan, bases, results}: {plan: Plan; bases: ReadonlyMap<string, ResolvedBase>; results: readonly StepResult[]},
	request: BuildRequest,
	store: Store,
): Promise<AssembledImage> {
	const stage = plan.stages[plan.target];
	const last = stage?.steps.at(-1);
	const result = last === undefined ? undefined : results[last];
	if (stage === undefined || last === undefined || result === undefined) throw new Error('the plan has no target');
	const exported: ExportLayer[] = [];
	for (const {known, identity, reference} of result.stack.layers) {
		const {diffId, size} = known ?? (await identity);
		const stored = store.layers.get(diffId);
		const blob = 'blob' in reference ? reference.blob : stored?.blob;
		const layer = {diffId, size: stored?.size ?? size};
		exported.push(blob === undefined ? layer : {...layer, blob});
	}
	const created = timestampOf(request.epoch.seconds);
	const config = makeImageConfig({
		platform: stage.platform,
		config: stage.config,
		diffIds: exported.map(({diffId}) => diffId),
		history: historyOf(lineage(plan, last), {bases, results, created}),
		created,
		...(stage.author === undefined ? {} : {author: stage.author}),
	});
	const configBlob = store.blobs.putBytes(printImageConfig(config));
	const manifestBlob = store.blobs.putBytes(
		makeManifest({
			config: {mediaType: mediaTypes.config, ...configBlob},
			// A local build writes no tar: the uncompressed one, which can be made from the directory at any time, is what the manifest names.
			layers: exported.map(({diffId, size, blob}) =>
				asOci(blob ?? {mediaType: mediaTypes.layer, digest: diffId as string as Digest, size}),
			),
			annotations: annotationsFor(request.annotations, 'manifest', stage.platform),
		}),
	);
	return {
		config,
		manifest: describe(manifestBlob, stage.platform, request),
		configDigest: configBlob.digest,
		layers: exported,
	};
}

/** A base's layer as every output names it: a manifest of OCI with Docker's types of layers is refused by some. */
function asOci({mediaType, digest, size}: Descriptor): Descriptor {
	const compression = compressionOf(mediaType);
	return {digest, mediaType: compression === undefined ? mediaType : layerTypes[compression], size};
}

function describe(manifest: BlobName, platform: Platform, {annotations}: BuildRequest): Descriptor {
	const noted = annotationsFor(annotations, 'manifest-descriptor', platform);
	return {mediaType: mediaTypes.manifest, ...manifest, platform, ...(noted === undefined ? {} : {annotations: noted})};
}

/** Every step from the very first base to this one. */
function lineage(plan: Plan, id: number): Step[] {
	const steps: Step[] = [];
	for (let step = plan.steps[id]; step !== undefined;) {
		steps.unshift(step);
		const {op, parent} = step;
		const before: number | undefined = op.kind === 'base' ? (op.base.kind === 'step' ? op.base.step : undefined) : parent;
		step = before === undefined ? undefined : plan.steps[before];
	}
	return steps;
}

function historyOf(
	steps: readonly Step[],
	{bases, results, created}: {bases: ReadonlyMap<string, ResolvedBase>; results: readonly StepResult[]; created: string},
): History[] {
	return steps.flatMap((step): readonly History[] => {
		if (step.op.kind === 'base') {
			return step.op.base.kind === 'step' ? [] : (bases.get(baseName(step.op.base))?.config.history ?? []);
		}
		if (step.createdBy === undefined) return [];
		const empty = results[step.id]?.empty === true;
		return [{created, created_by: step.createdBy, ...(empty ? {empty_layer: true} : {})}];
	});
}
