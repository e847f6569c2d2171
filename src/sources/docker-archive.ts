import type {DiffId} from '../core/digest.ts';
import {normalizeRaw, rawOf, type RawPath} from '../core/raw-path.ts';
import {baseAmbiguous, baseDamaged, baseNoTag} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {detectCompression, peek} from '../host/decompress.ts';
import {isObject, isStringList, parseDocument} from '../oci/bounded-json.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {makeManifest} from '../oci/manifest.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {parseImageConfig} from '../oci/parse-image-config.ts';
import {parseReference} from '../oci/reference.ts';
import type {BlobName} from '../store/blob-store.ts';
import type {Store} from '../store/open-store.ts';
import {valueOf} from './base-error.ts';
import {type ArchiveMembers, readArchive} from './read-archive.ts';
import {printBase, type ResolvedLayer, type Source} from './source.ts';

/** `docker-archive:FILE`: what `docker save` writes, in its old form and in the one with an OCI layout inside. */
export const dockerArchive: Source = {
	async resolve(reference, {store}) {
		const name = printBase(reference);
		const members = await readArchive(reference.path, store, name);
		const image = selectImage(members.documents.get('manifest.json' as RawPath), reference.tag, name);
		const configBytes = documentOf(members, image.config, store, name);
		const config = valueOf(parseImageConfig(configBytes));
		const diffIds = config.rootfs.diff_ids;
		if (diffIds.length !== image.layers.length) {
			throw new BuildError(baseDamaged(name, `its configuration has ${diffIds.length} layers, its manifest ${image.layers.length}`));
		}
		const layers: (ResolvedLayer & {readonly blob: Descriptor})[] = [];
		for (const [at, path] of image.layers.entries()) {
			const blob = await describeLayer(findBlob(members, path, name), store);
			if (blob.mediaType === mediaTypes.layer && (blob.digest as string) !== diffIds[at]) {
				throw new BuildError(baseDamaged(name, `its layer \`${path}\` has the digest ${blob.digest}, its diffID is ${diffIds[at]}`));
			}
			layers.push({diffId: diffIds[at] as DiffId, blob});
		}
		const configBlob = {mediaType: mediaTypes.config, ...store.blobs.putBytes(configBytes)};
		// The archive has none; with it in the store the configuration stays as it is, byte by byte.
		const manifest = store.blobs.putBytes(makeManifest({config: configBlob, layers: layers.map(({blob}) => blob)}));
		return {config, layers, digest: manifest.digest};
	},
};

interface SavedImage {
	readonly config: string;
	readonly layers: readonly string[];
	readonly tags: readonly string[];
}

function selectImage(bytes: Buffer | undefined, tag: string | undefined, name: string): SavedImage {
	if (bytes === undefined) throw new BuildError(baseDamaged(name, 'it has no member `manifest.json`: it is no docker archive'));
	// The document is a list; the checks are those of an object's members.
	const {list} = valueOf(parseDocument(Buffer.concat([Buffer.from('{"list":'), bytes, Buffer.from('}')]), '`manifest.json`'));
	if (!Array.isArray(list) || list.length === 0) throw new BuildError(baseDamaged(name, '`manifest.json` lists no image'));
	const images = list.map((entry): SavedImage => {
		if (!isObject(entry) || typeof entry['Config'] !== 'string' || !isStringList(entry['Layers'])) {
			throw new BuildError(baseDamaged(name, '`manifest.json` has an image without `Config` or `Layers`'));
		}
		return {config: entry['Config'], layers: entry['Layers'], tags: isStringList(entry['RepoTags']) ? entry['RepoTags'] : []};
	});
	const tags = images.flatMap((image) => image.tags);
	const wanted = tag === undefined ? undefined : parseReference(tag).value?.name;
	const found =
		tag === undefined ? images[0] : images.find((image) => image.tags.some((known) => parseReference(known).value?.name === wanted));
	if (tag === undefined && images.length > 1) throw new BuildError(baseAmbiguous(name, tags));
	if (found === undefined) throw new BuildError(baseNoTag(name, tag ?? '', tags));
	return found;
}

/** Follows the links of the archive to a member that has content. */
function follow<T>(found: ReadonlyMap<RawPath, T>, links: ReadonlyMap<RawPath, RawPath>, path: RawPath): T | undefined {
	let at = path;
	for (let steps = 0; steps < 10; steps++) {
		const content = found.get(at);
		const next = links.get(at);
		if (content !== undefined || next === undefined) return content;
		at = next;
	}
	return undefined;
}

function documentOf(members: ArchiveMembers, path: string, store: Store, name: string): Buffer {
	return follow(members.documents, members.links, normalizeRaw(rawOf(path))) ?? store.blobs.read(findBlob(members, path, name));
}

function findBlob(members: ArchiveMembers, path: string, name: string): BlobName {
	const found = follow(members.blobs, members.links, normalizeRaw(rawOf(path)));
	if (found === undefined) throw new BuildError(baseDamaged(name, `it has no member \`${path}\``));
	return found;
}

async function describeLayer(blob: BlobName, store: Store): Promise<Descriptor> {
	const {head, rest} = await peek(store.blobs.open(blob), 6);
	await rest.return(undefined);
	const compression = detectCompression(head);
	return {mediaType: compression === 'none' ? mediaTypes.layer : `${mediaTypes.layer}+${compression}`, ...blob};
}
