import type {RawPath} from '../../core/raw-path.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {cliNotAFile} from '../../diagnostics/image.ts';
import {printFile} from '../../executor/image-contents.ts';
import {type ImageFiles, imageFiles} from '../../executor/image-files.ts';
import {openStore} from '../../store/open-store.ts';
import type {TarEntry} from '../../tar/entry.ts';
import type {CommandModule} from '../command.ts';
import {findPath} from '../find-path.ts';
import {addImageOptions, type ImageFlags, imagePlatform} from '../image-options.ts';
import {registryAccess} from '../registry-access.ts';
import {findImage, layersOf} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

const kinds: Readonly<Record<TarEntry['type'], string>> = {
	file: 'file',
	directory: 'directory',
	symlink: 'symbolic link',
	hardlink: 'hard link',
	fifo: 'named pipe',
	char: 'character device',
	block: 'block device',
};

/** `boxbuild cat`: the content of a file of an image, byte by byte. */
export const catCommand: CommandModule = {
	define(command, context) {
		const {env, signal} = context;
		addImageOptions(
			command.argument('<image>', 'name or digest').argument('<path>', 'a regular file; symbolic links are followed inside the image'),
		).action(async (name: string, path: string, flags: ImageFlags) => {
			const store = openStore(storeDirectory(flags.store, env));
			const layers = layersOf(findImage(store, name, imagePlatform(flags.platform)));
			const files = await imageFiles(store, layers, registryAccess(context));
			const {entry} = findPath(files, path, {image: name, follow: true});
			const file = entry === undefined ? undefined : contentOf(files, entry);
			if (file?.type !== 'file') throw new BuildError(cliNotAFile(name, path, kinds[file?.type ?? 'directory']));
			await printFile(store, {layers, files}, file, signal);
		});
	},
};

/** The size of a hard link is told by the file that it names. */
function contentOf(files: ImageFiles, entry: TarEntry): TarEntry | undefined {
	return entry.type === 'hardlink' ? files.entries.get((entry.link ?? '') as RawPath) : entry;
}
