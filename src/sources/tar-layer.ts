import {createHash} from 'node:crypto';
import {type DiffId, sha256} from '../core/digest.ts';
import {baseDamaged} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {type Compression, decompress, detectCompression, peek} from '../host/decompress.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {makeImageConfig, printImageConfig, timestampOf} from '../oci/make-image-config.ts';
import {makeManifest} from '../oci/manifest.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {ArchiveFault} from '../tar/archive-fault.ts';
import {readHeader} from '../tar/read-header.ts';
import {baseError} from './base-error.ts';
import type {ResolvedBase, SourceContext} from './source.ts';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** An image of one layer: the tar is stored as it comes, its configuration has a PATH and nothing else. */
export async function imageOfTar(input: AsyncIterable<Uint8Array>, name: string, context: SourceContext): Promise<ResolvedBase> {
	const {store, platform, epoch} = context;
	try {
		const {head, rest} = await peek(input, 6);
		const compression = detectCompression(head);
		const blob = {mediaType: mediaTypeOf(compression), ...(await store.blobs.write(rest))};
		const diffId = await uncompressedDigest(store.blobs.open(blob), name);
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

async function uncompressedDigest(input: AsyncIterable<Uint8Array>, name: string): Promise<DiffId> {
	const {head, rest} = await peek(decompress(input), 512);
	if (!looksLikeTar(head))
		throw new BuildError(baseDamaged(name, 'it is not a tar archive, compressed with gzip, zstd, xz, bzip2 or not at all'));
	const hash = createHash('sha256');
	for await (const chunk of rest) hash.update(chunk);
	return `sha256:${hash.digest('hex')}` as DiffId;
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

function mediaTypeOf(compression: Compression): Descriptor['mediaType'] {
	return compression === 'none' ? mediaTypes.layer : `${mediaTypes.layer}+${compression}`;
}
