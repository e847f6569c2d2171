import {BuildError} from '../../diagnostics/build-error.ts';
import {cliDigestInName} from '../../diagnostics/image.ts';
import {parseReference} from '../../oci/reference.ts';
import {openStore} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {findDescriptor} from '../find-image.ts';
import {addImageOptions, type ImageFlags, imagePlatform} from '../image-options.ts';
import {findImage} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

/** `boxbuild tag`: gives an image more names, taking them from others that have them. */
export const tagCommand: CommandModule = {
	define(command, {terminal, env}) {
		addImageOptions(
			command.argument('<image>', 'name or digest').argument('<name...>', 'names for it; without --platform an index keeps all its images'),
		).action(async (text: string, wanted: readonly string[], flags: ImageFlags) => {
			// All are checked first: one bad name gives none.
			const names = wanted.map(newName);
			const store = openStore(storeDirectory(flags.store, env));
			const platform = imagePlatform(flags.platform);
			const {descriptor} = platform === undefined ? findDescriptor(store, text) : findImage(store, text, platform);
			for (const name of new Set(names)) {
				await store.images.tag(name, descriptor);
				terminal.out(`${name}\n`);
			}
		});
	},
};

function newName(text: string): string {
	const {value, diagnostics} = parseReference(text);
	if (value === undefined) throw new BuildError(diagnostics);
	if (value.digest !== undefined) throw new BuildError(cliDigestInName(text));
	return value.name;
}
