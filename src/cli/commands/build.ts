import {type Command, Option} from 'commander';
import {writeFileSync} from 'node:fs';
import {basename, resolve} from 'node:path';
import {redactUrl} from '../../core/redact-url.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {cliBadValue} from '../../diagnostics/cli.ts';
import type {BuildResult} from '../../executor/build.ts';
import {build} from '../../executor/build.ts';
import {type ReceivedContexts, withReceivedContexts} from '../../executor/received-context.ts';
import type {OutputSpec} from '../../exporters/output-spec.ts';
import {printPlatform} from '../../oci/select-platform.ts';
import type {CommandContext, CommandModule} from '../command.ts';
import {formatBytes} from '../../core/format-bytes.ts';
import {parseMainContext, parseNamedContexts} from '../build-contexts.ts';
import {parseBuildOptions, type BuildFlags} from '../build-options.ts';
import {parseAgents, withOwnAgent} from '../secret-options.ts';
import {storeDirectory} from '../store-directory.ts';
import {driverNames} from '../../rootfs/driver.ts';
import {startProgress} from '../progress/progress.ts';

/** `boxbuild build`: the main job. */
export const buildCommand: CommandModule = {
	define(command, context) {
		addOptions(command).action(async (directory: string, flags: BuildFlags) => run(directory, flags, context));
	},
};

function addOptions(command: Command): Command {
	return command
		.argument(
			'[context]',
			'directory with the files to build from, the URL of a git repository (URL#REF:DIR), tar or Boxfile, or `-` for a tar or Boxfile on standard input',
			'.',
		)
		.option(
			'-f, --file <file>',
			'the Boxfile; `-` reads it from standard input (default: Boxfile, Containerfile or Dockerfile in the context)',
		)
		.option('-t, --tag <name>', 'name the image in the store (repeatable)', collect, [])
		.option('-o, --output <spec>', 'also write it: DIR, -, or type=oci|docker|tar|local|registry,dest=PATH (repeatable)', collect, [])
		.option('--push', 'push the image under its names, like `-o type=registry`')
		.option('--pull [policy]', 'look for bases in registries: missing (in the store; the default), always, never')
		.option('--sbom [form]', 'add a list of the packages in the image: spdx (the default) or cyclonedx; `dest=FILE` writes it, too')
		.option('--provenance [mode]', 'add a statement of how the image was built: min (the default) or max; `dest=FILE` writes it, too')
		.option('--target <stage>', 'the stage to build (default: the last)')
		.option('--build-arg <name[=value]>', 'set an ARG; without a value, from the environment (repeatable)', collect, [])
		.option('--build-context <name=source>', 'a directory, URL or image that FROM and `--from` know by this name (repeatable)', collect, [])
		.option('--label <name=value>', 'add a label to the image (repeatable)', collect, [])
		.option(
			'--annotation <name=value>',
			'add an annotation to the manifest; `index:NAME=VALUE`, `manifest[linux/arm64]:...` and the like choose (repeatable)',
			collect,
			[],
		)
		.option('--platform <os/arch>', 'platform of the image; several, with commas or repeated, make an index', collect, [])
		.option('--epoch <seconds>', 'time of everything in the image, seconds since 1970')
		.addOption(new Option('--timestamps <mode>', 'keep: real times; the image is not reproducible then').choices(['keep']))
		.option('--no-cache [stages]', 'run every step, or every step of these stages, again')
		.addOption(new Option('--network <mode>', 'network of the steps').choices(['host', 'none']).default('host'))
		.option('--add-host <name:address>', 'a line more in /etc/hosts of the steps (repeatable)', collect, [])
		.option('--allow <right>', 'let steps have more rights: security.insecure (repeatable)', collect, [])
		.option('--secret <spec>', 'give steps a secret: id=ID[,src=FILE|env=VARIABLE] (repeatable)', collect, [])
		.option('--ssh <id[=path]>', 'give steps and git an SSH agent: default, ID=SOCKET, or ID=KEY[,KEY] (repeatable)', collect, [])
		.option('--jobs <n>', 'steps that run at the same time at most (default: 8, or twice the processors)')
		.option('--memory <size>', 'memory that all processes of a step may use together, such as 512m or 2g')
		.option('--cpus <n>', 'processors that a step may use, such as 1.5')
		.addOption(new Option('--pids-limit, --pids <n>', 'processes and threads that a step may have'))
		.addOption(new Option('--driver <name>', 'how layers are stacked').choices(['auto', ...driverNames]))
		.addOption(new Option('--ids <mode>', 'user ids of the steps').choices(['auto', 'multi', 'single', 'root']))
		.option('--store <directory>', 'where images, layers and caches are')
		.addOption(new Option('--progress <form>', 'how progress is shown').choices(['auto', 'tty', 'plain']).default('auto'))
		.option('-q, --quiet', 'print the digest only')
		.option('--iidfile <file>', "write the image's digest to a file")
		.option('--metadata-file <file>', 'write digests and names to a file as JSON');
}

function collect(value: string, before: readonly string[]): readonly string[] {
	return [...before, value];
}

async function run(directory: string, flags: BuildFlags, context: CommandContext): Promise<void> {
	const {signal, env} = context;
	if (directory === '-' && flags.file === '-') throw new BuildError(cliBadValue('--file', '-', 'a file: standard input is the context'));
	const wanted = {main: parseMainContext(directory), named: parseNamedContexts(flags.buildContext ?? [])};
	const agents = withOwnAgent(parseAgents(flags.ssh ?? [], env), env);
	const from = {store: storeDirectory(flags.store, env), signal, agents, input: () => process.stdin};
	const asked = {name: redactUrl(directory), isReceived: wanted.main.kind !== 'directory', flags, context};
	await withReceivedContexts(wanted, from, (received) => buildReceived(received, asked));
}

/** A build as it was asked for. */
interface Asked {
	/** The context as people wrote it, without credentials. */
	readonly name: string;
	readonly isReceived: boolean;
	readonly flags: BuildFlags;
	readonly context: CommandContext;
}

async function buildReceived({directory, ...received}: ReceivedContexts, {name, isReceived, flags, context}: Asked): Promise<void> {
	const {terminal, signal, env, registries} = context;
	const request = parseBuildOptions(directory, flags, env, {...received, registries, ...(isReceived ? {received: name} : {})});
	const progress = startProgress(flags.quiet === true ? 'quiet' : (flags.progress ?? 'auto'), terminal);
	let result: BuildResult;
	try {
		result = await build(request, progress.events, signal);
	} finally {
		progress.end();
	}
	if (flags.iidfile !== undefined) writeFileSync(flags.iidfile, result.digest);
	if (flags.metadataFile !== undefined) writeFileSync(flags.metadataFile, metadata(result));
	const toStandardOutput = request.outputs.some((output) => output.destination === '-');
	const print = toStandardOutput ? terminal.err : terminal.out;
	if (flags.quiet === true) {
		if (!toStandardOutput) terminal.out(`${result.digest}\n`);
		return;
	}
	print(summary(result, {name, file: isReceived ? 'image' : basename(resolve(directory))}));
}

/** As docker buildx has it: digests are those of the last output that is an image, or else those in the store. */
function metadata({digest, images, tags, outputs}: BuildResult): string {
	const written = outputs.findLast((output) => output.digest !== undefined)?.digest ?? digest;
	const [only] = images;
	const config = images.length === 1 && only !== undefined ? {'containerimage.config.digest': only.configDigest} : {};
	return `${JSON.stringify({'containerimage.digest': written, ...config, 'image.name': tags.join(',')}, undefined, 2)}\n`;
}

/** What was built and how to look at it. */
function summary({digest, images, tags, outputs}: BuildResult, context: {name: string; file: string}): string {
	const name = tags[0] ?? digest;
	const lines = [
		`image ${digest}`,
		...images.map(({config, layers}) => {
			const size = layers.reduce((sum, layer) => sum + layer.size, 0);
			const platform = images.length === 1 ? '' : `${printPlatform(config)}: `;
			return `      ${platform}${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}, ${formatBytes(size)} unpacked`;
		}),
		...tags.map((tag) => `      named ${tag}`),
		...outputs.map(({spec, digest: written}) => `      ${describeOutput(spec, tags)}${written === undefined ? '' : ` as ${written}`}`),
		`look  boxbuild ls ${name}`,
		`      boxbuild inspect ${name}`,
	];
	if (outputs.length === 0) lines.push(`take  boxbuild ${context.name} -o type=oci,dest=${context.file}.oci.tar`);
	return `${lines.join('\n')}\n`;
}

function describeOutput({type, destination, names}: OutputSpec, tags: readonly string[]): string {
	return type === 'registry' ? `pushed to ${(names.length === 0 ? tags : names).join(', ')}` : `written to ${destination}`;
}
