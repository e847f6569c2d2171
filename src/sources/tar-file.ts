import {readFile} from './read-file.ts';
import {printBase, type Source} from './source.ts';
import {imageOfTar} from './tar-layer.ts';

/** `tar:FILE`: a root file system in a tar of any compression. */
export const tarFile: Source = {
	resolve(reference, context) {
		const name = printBase(reference);
		return imageOfTar(readFile(reference.path, name), name, context);
	},
};
