import {resolve} from 'node:path';
import {BuildError} from '../../diagnostics/build-error.ts';
import {cliUsage} from '../../diagnostics/cli.ts';
import {exportStored} from '../../executor/export-image.ts';
import {type OutputSpec, parseOutput} from '../../exporters/output-spec.ts';
import {openStore} from '../../store/open-store.ts';
import {epochOf} from '../build-options.ts';
import type {CommandContext, CommandModule} from '../command.ts';
import {addImageOptions, type ImageFlags, imagePlatform} from '../image-options.ts';
import {registryAccess} from '../registry-access.ts';
import {findSet} from '../stored-set.ts';
import {storeDirectory} from '../store-directory.ts';

interface ExportFlags extends ImageFlags {
	readonly output: readonly string[];
	readonly epoch?: string;
	readonly allPlatforms?: boolean;
}

/** `boxbuild export`: writes an image of the store, as `build -o` does. */
export const exportCommand: CommandModule = {
	define(command, context) {
		addImageOptions(
			command
				.argument('<image>', 'name or digest')
				.requiredOption(
					'-o, --output <spec>',
					'where to: DIR, -, or type=oci|docker|tar|local,dest=PATH (repeatable)',
					(value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
				)
				.option('--all-platforms', 'of an index every image, not only that of a platform')
				.option('--epoch <seconds>', 'time of the members of image archives, seconds since 1970'),
		).action(async (name: string, flags: ExportFlags) => run(name, flags, context));
	},
};

async function run(name: string, flags: ExportFlags, context: CommandContext): Promise<void> {
	const {terminal, env} = context;
	const outputs = flags.output.map(outputOf);
	const onStandardOutput = outputs.filter(({destination}) => destination === '-').length;
	if (onStandardOutput > 1) throw new BuildError(cliUsage('several outputs go to standard output', 'give files for all but one of them'));
	const store = openStore(storeDirectory(flags.store, env));
	const set = findSet(store, name, flags.allPlatforms === true ? 'all' : {platform: imagePlatform(flags.platform)});
	await exportStored(store, {set, outputs, epoch: epochOf(flags, env).seconds, registries: registryAccess(context)});
	const print = onStandardOutput > 0 ? terminal.err : terminal.out;
	for (const {destination} of outputs) print(`written to ${destination}\n`);
}

function outputOf(text: string): OutputSpec {
	const {value, diagnostics} = parseOutput(text);
	if (value === undefined) throw new BuildError(diagnostics);
	if (value.type === 'registry')
		throw new BuildError(cliUsage('`export` writes files, and a registry is none', 'run `boxbuild push IMAGE NAME`'));
	// The worker that writes is in another directory.
	return {...value, destination: value.destination === '-' ? '-' : resolve(value.destination)};
}
