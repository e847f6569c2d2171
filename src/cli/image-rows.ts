import type {DiffId} from '../core/digest.ts';
import {suggest} from '../core/suggest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {cliNoImage} from '../diagnostics/cli.ts';
import {isIndexType} from '../oci/media-types.ts';
import {parseReference} from '../oci/reference.ts';
import {printPlatform} from '../oci/select-platform.ts';
import type {NamedImage} from '../store/index-text.ts';
import type {Store} from '../store/open-store.ts';
import {imagesOfIndex, indexEntries} from './index-entries.ts';
import {layersOf, layerSize, loadImage, type StoredImage} from './stored-image.ts';

/** One image as tables show it. */
export interface ImageSummary {
	readonly digest: string;
	/** `linux/amd64`. */
	readonly platform: string;
	readonly layers: number;
	/** Bytes of the layers' tars. */
	readonly size: number;
	/** RFC 3339, as the configuration says it; null when it says nothing. */
	readonly created: string | null;
}

/** A name of the store. Of an index: all platforms, the layers of all its images (each once), the newest time. */
export interface ImageRow extends ImageSummary {
	readonly name: string;
	/** Why its documents cannot be read; the rest of the row is empty then. */
	readonly problem?: string;
	/** The images of an index; the documents of one that is only listed, not there, are unknown. */
	readonly images?: readonly (ImageSummary | {readonly digest: string; readonly platform: string; readonly missing: true})[];
}

/** Every name of the store in order, or those that a filter means; throws cli/no-image when it means none. */
export function imageRows(store: Store, filter: string | undefined): readonly ImageRow[] {
	const images = store.images.list();
	const chosen = filter === undefined ? images : images.filter(matcherOf(filter));
	if (filter !== undefined && chosen.length === 0) throw new BuildError(cliNoImage(filter, closest(filter, images)));
	return chosen.map((image) => readableRow(store, image));
}

/** A name with a tag means itself, one without all its tags. */
function matcherOf(filter: string): (image: NamedImage) => boolean {
	const {value: wanted, diagnostics} = parseReference(filter);
	if (wanted === undefined) throw new BuildError(diagnostics);
	const hasTag = filter.lastIndexOf(':') > filter.lastIndexOf('/');
	return ({name, manifest}) => {
		const known = parseReference(name).value;
		if (known?.registry !== wanted.registry || known.repository !== wanted.repository) return false;
		if (wanted.digest !== undefined && manifest.digest !== wanted.digest) return false;
		return !hasTag || wanted.tag === undefined || known.tag === wanted.tag;
	};
}

function closest(filter: string, images: readonly NamedImage[]): string | undefined {
	const {name = filter, registry, repository} = parseReference(filter).value ?? {};
	const whole = images.map((image) => image.name);
	return suggest(name, whole) ?? suggest(`${registry}/${repository}`, new Set(whole.map((known) => known.replace(/:[^:\/]*$/v, ''))));
}

/** One damaged image hides no other. */
function readableRow(store: Store, image: NamedImage): ImageRow {
	try {
		return rowOf(store, image);
	} catch (error) {
		if (!(error instanceof BuildError)) throw error;
		const {name, manifest} = image;
		return {name, digest: manifest.digest, platform: 'damaged', layers: 0, size: 0, created: null, problem: error.message};
	}
}

function rowOf(store: Store, {name, manifest: descriptor}: NamedImage): ImageRow {
	if (!isIndexType(descriptor.mediaType)) return {name, ...summaryOf(store, loadImage(store, descriptor, [name]))};
	const entries = imagesOfIndex(indexEntries(store, descriptor));
	const present = entries.filter((entry) => store.blobs.has(entry)).map((entry) => loadImage(store, entry, []));
	const sizes = new Map<DiffId, number>();
	for (const layer of present.flatMap(layersOf)) sizes.set(layer.diffId, layerSize(store, layer));
	const summaries = new Map(present.map((image) => [image.descriptor.digest, summaryOf(store, image)]));
	const images = entries.map((entry) => {
		const platform = entry.platform === undefined ? 'unknown' : printPlatform(entry.platform);
		return summaries.get(entry.digest) ?? {digest: entry.digest, platform, missing: true as const};
	});
	return {
		name,
		digest: descriptor.digest,
		platform: images.map(({platform}) => platform).join(', '),
		layers: sizes.size,
		size: [...sizes.values()].reduce((sum, size) => sum + size, 0),
		created: newest([...summaries.values()]),
		images,
	};
}

function summaryOf(store: Store, image: StoredImage): ImageSummary {
	const layers = layersOf(image);
	return {
		digest: image.descriptor.digest,
		platform: printPlatform(image.config),
		layers: layers.length,
		size: layers.reduce((sum, layer) => sum + layerSize(store, layer), 0),
		created: image.config.created ?? null,
	};
}

function newest(summaries: readonly ImageSummary[]): string | null {
	return (
		summaries
			.flatMap(({created}) => created ?? [])
			.sort((a, b) => Date.parse(a) - Date.parse(b))
			.at(-1) ?? null
	);
}
