import {createHash} from 'node:crypto';
import {type DiffId, sha256} from '../core/digest.ts';
import {baseDamaged} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {decompress, detectCompression, peek} from '../host/decompress.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {makeImageConfig, printImageConfig, timestampOf} from '../oci/make-image-config.ts';
import {makeManifest} from '../oci/manifest.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {ArchiveFault} from '../tar/archive-fault.ts';
import {readHeader} from '../tar/read-header.ts';
import {baseError} from './base-error.ts';
import type {ResolvedBase, SourceContext} from './source.ts';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** An image of one layer: the tar is stored as it comes (see `storeTar`), its configuration has a PATH and nothing else. */
export async function imageOfTar(input: AsyncIterable<Uint8Array>, name: string, context: SourceContext): Promise<ResolvedBase> {
	const {platform, epoch} = context;
	try {
		const {blob, diffId} = await storeTar(input, name, context);
		const created = timestampOf(epoch);
		const history = [{created, created_by: 'boxbuild: root file system archive'}];
		const config = makeImageConfig({platform, config: {Env: [`PATH=${path}`]}, diffIds: [diffId], history, created});
		const text = printImageConfig(config);
		const manifest = makeManifest({
			config: {mediaType: mediaTypes.config, digest: sha256(text), size: Buffer.byteLength(text)},
			layers: [blob],
		});
		return {config, layers: [{diffId, blob}], digest: sha256(manifest)};
	} catch (error) {
		throw baseError(error, name);
	}
}

/** OCI has media types for gzip and zstd; a tar that is compressed in another way is stored uncompressed, so that its diffID comes with it. */
async function storeTar(
	input: AsyncIterable<Uint8Array>,
	name: string,
	{store}: SourceContext,
): Promise<{blob: Descriptor; diffId: DiffId}> {
	const {head, rest} = await peek(input, 6);
	const compression = detectCompression(head);
	if (compression === 'gzip' || compression === 'zstd') {
		const blob = {mediaType: mediaTypes[compression === 'gzip' ? 'layerGzip' : 'layerZstd'], ...(await store.blobs.write(rest))};
		const hash = createHash('sha256');
		for await (const chunk of checkedTar(decompress(store.blobs.open(blob)), name)) hash.update(chunk);
		return {blob, diffId: `sha256:${hash.digest('hex')}` as DiffId};
	}
	const stored = await store.blobs.write(checkedTar(decompress(rest), name));
	return {blob: {mediaType: mediaTypes.layer, ...stored}, diffId: stored.digest as string as DiffId};
}

/** The same bytes, unless they do not begin like a tar. */
async function* checkedTar(input: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
	const {head, rest} = await peek(input, 512);
	if (!looksLikeTar(head)) {
		await rest.return(undefined);
		throw new BuildError(baseDamaged(name, 'it is not a tar archive, compressed with gzip, zstd, xz, bzip2 or not at all'));
	}
	yield* rest;
}

function looksLikeTar(head: Buffer): boolean {
	if (head.length < 512) return false;
	try {
		readHeader(head.subarray(0, 512));
		return true;
	} catch (error) {
		if (error instanceof ArchiveFault) return false;
		throw error;
	}
}
