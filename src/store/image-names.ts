import {readFileSync} from 'node:fs';
import type {Json} from '../core/canonical-json.ts';
import {canonicalJson} from '../core/canonical-json.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {storeIndexDamaged} from '../diagnostics/store.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';
import {unlessMissing} from '../host/errno.ts';
import {type Descriptor, refNameAnnotation} from '../oci/descriptor.ts';
import {parseIndex} from '../oci/index-document.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {inStore} from './store-error.ts';

export interface NamedImage {
	readonly name: string;
	/** Of the manifest (or an index); annotations hold the name. */
	readonly manifest: Descriptor;
}

/** Names of images: the annotations of index.json. Names are whole references as `parseReference` writes them. */
export interface ImageNames {
	resolve(name: string): Descriptor | undefined;
	/** Sorted by name. */
	list(): NamedImage[];
	/** Gives the name to a manifest, taking it from another; does nothing (and locks nothing) when it has it already. */
	tag(name: string, manifest: Descriptor): Promise<void>;
	/** False when there was no such name. */
	untag(name: string): Promise<boolean>;
}

export function makeImageNames(store: string): ImageNames {
	const list = (): NamedImage[] => readNames(store);
	const resolve = (name: string): Descriptor | undefined => list().find((image) => image.name === name)?.manifest;
	const change = async (edit: (images: NamedImage[]) => NamedImage[]): Promise<void> => {
		const {lockFile} = await import('../host/lock.ts');
		const lock = inStore(store, () => lockFile(`${store}/index.lock`, {wait: true}));
		try {
			inStore(store, () => writeFileAtomic(`${store}/index.json`, indexText(edit(list())), {sync: true}));
		} finally {
			lock?.release();
		}
	};
	return {
		resolve,
		list,
		async tag(name, manifest) {
			if (resolve(name)?.digest === manifest.digest) return;
			await change((images) => [...images.filter((image) => image.name !== name), {name, manifest}]);
		},
		async untag(name) {
			if (resolve(name) === undefined) return false;
			await change((images) => images.filter((image) => image.name !== name));
			return true;
		},
	};
}

/** The text of an index.json that names these images. */
export function indexText(images: readonly NamedImage[]): string {
	const manifests = images
		.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
		.map(({name, manifest}) => ({...manifest, annotations: {...manifest.annotations, [refNameAnnotation]: name}}));
	return canonicalJson({schemaVersion: 2, mediaType: mediaTypes.index, manifests} as unknown as Json);
}

function readNames(store: string): NamedImage[] {
	const bytes = unlessMissing(() => readFileSync(`${store}/index.json`));
	if (bytes === undefined) return [];
	const outcome = parseIndex(bytes);
	if (outcome.value === undefined) {
		throw new BuildError(
			storeIndexDamaged(outcome.diagnostics.flatMap((diagnostic) => [diagnostic.message, ...(diagnostic.because ?? [])]).join('; ')),
		);
	}
	return outcome.value.manifests.flatMap((manifest) => {
		const name = manifest.annotations?.[refNameAnnotation];
		return name === undefined ? [] : [{name, manifest}];
	});
}
