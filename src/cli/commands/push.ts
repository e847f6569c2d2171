import {Option} from 'commander';
import {BuildError} from '../../diagnostics/build-error.ts';
import {pushStored} from '../../executor/push-stored.ts';
import {type OutputSpec, parseOutput} from '../../exporters/output-spec.ts';
import {cliUsage} from '../../diagnostics/cli.ts';
import {parseReference} from '../../oci/reference.ts';
import {openStore} from '../../store/open-store.ts';
import type {CommandContext, CommandModule} from '../command.ts';
import {addImageOptions, type ImageFlags, imagePlatform} from '../image-options.ts';
import {startProgress} from '../progress/progress.ts';
import {storeDirectory} from '../store-directory.ts';
import {findSet} from '../stored-set.ts';

interface PushFlags extends ImageFlags {
	readonly compression?: string;
	readonly compressionLevel?: string;
	readonly forceCompression?: boolean;
	readonly quiet?: boolean;
	readonly json?: boolean;
	readonly progress: 'auto' | 'tty' | 'plain';
}

/** `boxbuild push`: images of the store go to registries. */
export const pushCommand: CommandModule = {
	define(command, context) {
		addImageOptions(
			command
				.argument('<image>', 'name or digest; of several platforms all are pushed, unless --platform chooses one')
				.argument('[names...]', 'names that it gets in registries (default: the one it has)')
				.option('--compression <form>', 'gzip, zstd or none (default: gzip for layers that were made here)')
				.option('--compression-level <n>', '1 to 9 for gzip, 1 to 22 for zstd')
				.option('--force-compression', 'compress layers of base images anew, too')
				.addOption(new Option('--progress <form>', 'how progress is shown').choices(['auto', 'tty', 'plain']).default('auto'))
				.option('-q, --quiet', 'print the digest only')
				.option('--json', 'print JSON'),
		).action(async (name: string, targets: readonly string[], flags: PushFlags) => run(name, targets, flags, context));
	},
};

async function run(name: string, targets: readonly string[], flags: PushFlags, context: CommandContext): Promise<void> {
	const {terminal, env, signal, registries} = context;
	const spec = specOf(name, targets, flags);
	const store = openStore(storeDirectory(flags.store, env));
	const set = findSet(store, name, flags.platform === undefined ? 'all' : {platform: imagePlatform(flags.platform)});
	// By its digits alone it would go to a repository of Docker Hub that is called so.
	if (targets.length === 0 && set.names.length === 0 && /^(?:sha256:)?[0-9a-f]{6,64}$/v.test(name))
		throw new BuildError(cliUsage(`\`${name}\` is no name in a registry`, `add one: \`boxbuild push ${name} REGISTRY/NAME:TAG\``));
	const progress = startProgress(flags.quiet === true || flags.json === true ? 'quiet' : flags.progress, terminal);
	const {warned, transferred} = progress.events;
	try {
		const remote = {policy: 'missing', config: registries, env} as const;
		const digest = await pushStored(store, {set, spec, remote, signal, warned, transferred});
		const {names} = spec;
		if (flags.json === true) terminal.out(`${JSON.stringify({names, digest}, undefined, 2)}\n`);
		else if (flags.quiet === true) terminal.out(`${digest}\n`);
		else terminal.out(`image ${digest}\n${names.map((target) => `      pushed to ${target}\n`).join('')}`);
	} finally {
		progress.end();
	}
}

/** The same as `type=registry` of a build says. */
function specOf(name: string, targets: readonly string[], {compression, compressionLevel, forceCompression}: PushFlags): OutputSpec {
	const names = (targets.length === 0 ? [name] : targets).map((text) => {
		const {value, diagnostics} = parseReference(text);
		if (value === undefined) throw new BuildError(diagnostics);
		return value.name;
	});
	const fields = [
		'type=registry',
		...(compression === undefined ? [] : [`compression=${compression}`]),
		...(compressionLevel === undefined ? [] : [`compression-level=${compressionLevel}`]),
		...(forceCompression === true ? ['force-compression=true'] : []),
	];
	const {value, diagnostics} = parseOutput(fields.join(','));
	if (value === undefined) throw new BuildError(diagnostics);
	return {...value, names};
}
