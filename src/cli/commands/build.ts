import {type Command, Option} from 'commander';
import {writeFileSync} from 'node:fs';
import {basename, join, resolve} from 'node:path';
import {BuildError} from '../../diagnostics/build-error.ts';
import {cliBadValue} from '../../diagnostics/cli.ts';
import type {BuildResult} from '../../executor/build.ts';
import {build} from '../../executor/build.ts';
import {isReceived, withReceivedContext} from '../../executor/received-context.ts';
import type {CommandContext, CommandModule} from '../command.ts';
import {formatBytes} from '../../core/format-bytes.ts';
import {parseBuildOptions, type BuildFlags} from '../build-options.ts';
import {storeDirectory} from '../store-directory.ts';
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
			'directory with the files to build from, a git repository (URL#REF:DIR), or `-` for a tar on standard input',
			'.',
		)
		.option(
			'-f, --file <file>',
			'the Boxfile; `-` reads it from standard input (default: Boxfile, Containerfile or Dockerfile in the context)',
		)
		.option('-t, --tag <name>', 'name the image in the store (repeatable)', collect, [])
		.option('-o, --output <spec>', 'also write it: DIR, -, or type=oci|docker|tar|local,dest=PATH (repeatable)', collect, [])
		.option('--target <stage>', 'the stage to build (default: the last)')
		.option('--build-arg <name[=value]>', 'set an ARG; without a value, from the environment (repeatable)', collect, [])
		.option('--build-context <name=source>', 'a directory or image that FROM and `--from` know by this name (repeatable)', collect, [])
		.option('--label <name=value>', 'add a label to the image (repeatable)', collect, [])
		.option('--annotation <name=value>', 'add an annotation to the manifest (repeatable)', collect, [])
		.option('--platform <os/arch>', 'platform of the image')
		.option('--epoch <seconds>', 'time of everything in the image, seconds since 1970')
		.addOption(new Option('--timestamps <mode>', 'keep: real times; the image is not reproducible then').choices(['keep']))
		.option('--no-cache [stages]', 'run every step, or every step of these stages, again')
		.addOption(new Option('--network <mode>', 'network of the steps').choices(['host', 'none']).default('host'))
		.option('--add-host <name:address>', 'a line more in /etc/hosts of the steps (repeatable)', collect, [])
		.option('--allow <right>', 'let steps have more rights: security.insecure (repeatable)', collect, [])
		.option('--secret <spec>', 'give steps a secret: id=ID[,src=FILE|env=VARIABLE] (repeatable)', collect, [])
		.option('--ssh <id[=path]>', 'give steps an SSH agent: default, ID=SOCKET, or ID=KEY[,KEY] (repeatable)', collect, [])
		.option('--jobs <n>', 'steps that run at the same time at most')
		.addOption(new Option('--driver <name>', 'how layers are stacked').choices(['auto', 'overlay', 'fuse']))
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
	if (!isReceived(directory)) return buildDirectory(directory, {directory, flags, context});
	if (directory === '-' && flags.file === '-') throw new BuildError(cliBadValue('--file', '-', 'a file: standard input is the context'));
	const received = {store: storeDirectory(flags.store, context.env), signal: context.signal, input: process.stdin};
	await withReceivedContext(directory, received, (place) => {
		// A file of the context, as people mean it who have no other directory.
		const file = flags.file === undefined || flags.file === '-' ? flags.file : join(place, flags.file);
		return buildDirectory(place, {directory, flags: file === undefined ? flags : {...flags, file}, context});
	});
}

/** A build as it was asked for. */
interface Asked {
	/** The context as people wrote it. */
	readonly directory: string;
	readonly flags: BuildFlags;
	readonly context: CommandContext;
}

async function buildDirectory(place: string, {directory, flags, context}: Asked): Promise<void> {
	const {terminal, signal, env} = context;
	const request = parseBuildOptions(place, flags, env, place !== directory);
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
	print(
		summary(
			result,
			request.outputs.map((output) => output.destination),
			directory,
		),
	);
}

function metadata({digest, configDigest, tags}: BuildResult): string {
	return `${JSON.stringify({'containerimage.digest': digest, 'containerimage.config.digest': configDigest, 'image.name': tags.join(',')}, undefined, 2)}\n`;
}

/** What was built and how to look at it. */
function summary({digest, image, tags}: BuildResult, destinations: readonly string[], directory: string): string {
	const size = image.layers.reduce((sum, layer) => sum + layer.size, 0);
	const name = tags[0] ?? digest;
	const lines = [
		`image ${digest}`,
		`      ${image.layers.length} ${image.layers.length === 1 ? 'layer' : 'layers'}, ${formatBytes(size)} unpacked`,
		...tags.map((tag) => `      named ${tag}`),
		...destinations.map((destination) => `      written to ${destination}`),
		`look  boxbuild ls ${name}`,
		`      boxbuild inspect ${name}`,
	];
	if (destinations.length === 0) lines.push(`take  boxbuild ${directory} -o type=oci,dest=${basename(resolve(directory))}.oci.tar`);
	return `${lines.join('\n')}\n`;
}
