import {resolve} from 'node:path';
import {Option} from 'commander';
import {BuildError} from '../../diagnostics/build-error.ts';
import {importImage} from '../../executor/import-image.ts';
import {parseReference} from '../../oci/reference.ts';
import type {CommandModule} from '../command.ts';
import {idsOf, platformOption} from '../build-options.ts';
import {storeDirectory} from '../store-directory.ts';

interface ImportFlags {
	readonly tag: string;
	readonly store?: string;
	readonly ids?: string;
	readonly platform?: string;
}

/** `boxbuild import`: a root file system archive or an image becomes an image of the store. */
export const importCommand: CommandModule = {
	define(command, {terminal, env}) {
		command
			.argument(
				'<source>',
				'a tar archive (any compression), oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, dir:DIR, or `-` for a tar on standard input',
			)
			.requiredOption('-t, --tag <name>', 'the name it gets')
			.option('--platform <os/arch>', 'platform to choose from an index, or that a tar is for (default: that of this machine)')
			.option('--store <directory>', 'where images, layers and caches are')
			.addOption(new Option('--ids <mode>', 'user ids that its layers are unpacked with').choices(['auto', 'multi', 'single', 'root']))
			.action(async (source: string, flags: ImportFlags) => {
				const reference = parseReference(flags.tag);
				if (reference.value === undefined) throw new BuildError(reference.diagnostics);
				const {name} = reference.value;
				const digest = await importImage(source, {
					store: storeDirectory(flags.store, env),
					name,
					platform: platformOption(flags.platform),
					directory: resolve('.'),
					ids: idsOf(flags.ids ?? env['BOXBUILD_IDS']),
				});
				terminal.out(`image ${digest}\n      named ${name}\n`);
			});
	},
};
