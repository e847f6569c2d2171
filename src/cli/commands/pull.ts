import {Option} from 'commander';
import {BuildError} from '../../diagnostics/build-error.ts';
import {pullImage} from '../../executor/pull-image.ts';
import {parseReference} from '../../oci/reference.ts';
import {idsOf, platformOption} from '../build-options.ts';
import type {CommandModule} from '../command.ts';
import {startProgress} from '../progress/progress.ts';
import {storeDirectory} from '../store-directory.ts';

interface PullFlags {
	readonly platform?: string;
	readonly fetchOnly?: boolean;
	readonly ids?: string;
	readonly quiet?: boolean;
	readonly json?: boolean;
	readonly progress: 'auto' | 'tty' | 'plain';
	readonly store?: string;
}

/** `boxbuild pull`: images of registries come into the store. */
export const pullCommand: CommandModule = {
	define(command, {terminal, env, signal, registries}) {
		command
			.argument('<name...>', 'images, named as Docker names them: alpine:3.20, registry.example.org/team/app@sha256:DIGEST')
			.option('--platform <os/arch>', 'platform to choose from an index (default: that of this machine)')
			.option('--fetch-only', 'leave the layers packed until a step needs them')
			.addOption(new Option('--ids <mode>', 'user ids that its layers are unpacked with').choices(['auto', 'multi', 'single', 'root']))
			.addOption(new Option('--progress <form>', 'how progress is shown').choices(['auto', 'tty', 'plain']).default('auto'))
			.option('-q, --quiet', 'print the digests only')
			.option('--json', 'print JSON')
			.option('--store <directory>', 'where images, layers and caches are')
			.action(async (names: readonly string[], flags: PullFlags) => {
				const request = {
					store: storeDirectory(flags.store, env),
					platform: platformOption(flags.platform),
					isPlatformGiven: flags.platform !== undefined,
					ids: idsOf(flags.ids ?? env['BOXBUILD_IDS']),
					remote: {policy: 'always', config: registries, env},
					onlyFetch: flags.fetchOnly === true,
				} as const;
				const progress = startProgress(flags.quiet === true || flags.json === true ? 'quiet' : flags.progress, terminal);
				const pulled: {readonly name: string; readonly digest: string}[] = [];
				try {
					for (const text of names) {
						const {value, diagnostics} = parseReference(text);
						if (value === undefined) throw new BuildError(diagnostics);
						const {digest, isUnchanged} = await pullImage(text, request, progress.events, signal);
						pulled.push({name: value.name, digest});
						if (flags.json === true) continue;
						terminal.out(
							flags.quiet === true ? `${digest}\n` : `image ${digest}\n      named ${value.name}${isUnchanged ? ', unchanged' : ''}\n`,
						);
					}
				} finally {
					progress.end();
				}
				if (flags.json === true) terminal.out(`${JSON.stringify(pulled, undefined, 2)}\n`);
			});
	},
};
