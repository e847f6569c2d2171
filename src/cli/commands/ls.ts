import {imageFiles} from '../../executor/image-files.ts';
import {openStore} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {below, childrenOf, findPath} from '../find-path.ts';
import {registryAccess} from '../registry-access.ts';
import {addImageOptions, type ImageFlags, imagePlatform} from '../image-options.ts';
import {entryDocument, entryRow} from '../print-entry.ts';
import {findImage, layersOf} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

interface LsFlags extends ImageFlags {
	readonly recursive?: boolean;
	readonly json?: boolean;
}

/** `boxbuild ls`: the files of an image's merged file system. */
export const lsCommand: CommandModule = {
	define(command, context) {
		const {terminal, env} = context;
		addImageOptions(
			command
				.argument('<image>', 'name or digest')
				.argument('[path]', 'list this file, or what this directory holds; a symbolic link is followed only with a `/` behind it', '/')
				.option('-R, --recursive', 'also what directories in it hold')
				.option('--json', 'one JSON object a line'),
		).action(async (name: string, path: string, flags: LsFlags) => {
			const store = openStore(storeDirectory(flags.store, env));
			const files = await imageFiles(store, layersOf(findImage(store, name, imagePlatform(flags.platform))), registryAccess(context));
			const found = findPath(files, path, {image: name, follow: false});
			const list = flags.recursive === true ? below : childrenOf;
			const isOther = found.entry !== undefined && found.entry.type !== 'directory';
			const entries = isOther ? [found.entry] : list(files, found.path);
			terminal.out(entries.map((entry) => (flags.json === true ? `${JSON.stringify(entryDocument(entry))}\n` : entryRow(entry))).join(''));
		});
	},
};
