import {statSync} from 'node:fs';
import {baseCannotPack, baseNotFound} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {printBase, type Source} from './source.ts';
import {imageOfTar} from './tar-layer.ts';

/** `dir:DIR`: a directory as root file system, packed inside the namespace so that owners are those the step would see. */
export const directory: Source = {
	async resolve(reference, context) {
		const name = printBase(reference);
		if (statSync(reference.path, {throwIfNoEntry: false})?.isDirectory() !== true)
			throw new BuildError(baseNotFound(name, 'there is no such directory'));
		if (context.packDirectory === undefined) throw new BuildError(baseCannotPack(name));
		return imageOfTar(context.packDirectory(reference.path), name, context);
	},
};
