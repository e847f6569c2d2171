import type {RawPath} from '../core/raw-path.ts';
import {baseDamaged} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {parseIndex} from '../oci/index-document.ts';
import {valueOf} from './base-error.ts';
import {readArchive} from './read-archive.ts';
import {resolveImage, selectTag} from './resolve-image.ts';
import {printBase, type Source} from './source.ts';

/** `oci-archive:FILE`: an OCI image layout in a tar. */
export const ociArchive: Source = {
	async resolve(reference, {store, platform, remembers}) {
		const name = printBase(reference);
		const {documents} = await readArchive(reference.path, store, name);
		const index = documents.get('index.json' as RawPath);
		if (index === undefined) throw new BuildError(baseDamaged(name, 'it has no member `index.json`: it is no OCI archive'));
		return resolveImage(selectTag(valueOf(parseIndex(index)), reference.tag, name), {
			store,
			platform,
			name,
			...(remembers === undefined ? {} : {remembers}),
			async fetch(blob) {
				if (!store.blobs.has(blob)) throw new BuildError(baseDamaged(name, `it lacks the blob \`${blob.digest}\` of ${blob.size} bytes`));
			},
		});
	},
};
