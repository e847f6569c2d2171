import {hexOf} from '../core/digest.ts';
import {baseMalformed} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {parseIndex} from '../oci/index-document.ts';
import {baseError, valueOf} from './base-error.ts';
import {readDocument, readFile} from './read-file.ts';
import {resolveImage, selectTag} from './resolve-image.ts';
import {printBase, type Source} from './source.ts';

/** `oci:DIR[:TAG]`: an OCI image layout directory (OCI image-spec, image-layout.md). */
export const ociLayout: Source = {
	async resolve(reference, {store, platform, remembers}) {
		const name = printBase(reference);
		const index = valueOf(parseIndex(readIndex(reference.path, name)));
		return resolveImage(selectTag(index, reference.tag, name), {
			store,
			platform,
			name,
			...(remembers === undefined ? {} : {remembers}),
			async fetch(blob) {
				if (store.blobs.has(blob)) return;
				try {
					await store.blobs.write(readFile(`${reference.path}/blobs/sha256/${hexOf(blob.digest)}`, name), blob);
				} catch (error) {
					throw baseError(error, name);
				}
			},
		});
	},
};

function readIndex(directory: string, name: string): Buffer {
	try {
		const layout: unknown = JSON.parse(readDocument(`${directory}/oci-layout`, name).toString());
		const isLayout =
			typeof layout === 'object' && layout !== null && 'imageLayoutVersion' in layout && layout.imageLayoutVersion === '1.0.0';
		if (!isLayout) throw new BuildError(baseMalformed(`the base \`${name}\``, 'its `oci-layout` file does not say version 1.0.0'));
		return readDocument(`${directory}/index.json`, name);
	} catch (error) {
		if (error instanceof SyntaxError)
			throw new BuildError(baseMalformed(`the base \`${name}\``, 'its `oci-layout` file is not JSON'), {cause: error});
		throw baseError(error, name);
	}
}
