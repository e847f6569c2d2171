import {parseByteSize} from '../../core/byte-size.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {cliBadValue} from '../../diagnostics/cli.ts';
import {withWorker} from '../../executor/with-worker.ts';
import {openStore} from '../../store/open-store.ts';
import {prune} from '../../store/prune.ts';
import type {CommandModule} from '../command.ts';
import {formatBytes} from '../../core/format-bytes.ts';
import {storeDirectory} from '../store-directory.ts';

interface PruneFlags {
	readonly all?: boolean;
	readonly olderThan?: string;
	readonly keep?: string;
	readonly store?: string;
}

/** `boxbuild prune`: deletes what no tag and no running build uses. */
export const pruneCommand: CommandModule = {
	define(command, {terminal, env}) {
		command
			.option('--all', 'also delete all remembered step results that no tag uses, and all caches of mounts')
			.option('--older-than <duration>', 'delete results and caches of mounts unused for so long: 90m, 12h, 30d')
			.option('--keep <size>', 'delete the results unused longest until the store has this size: 500MB, 10GB')
			.option('--store <directory>', 'where images, layers and caches are')
			.action(async (flags: PruneFlags) => {
				const directory = storeDirectory(flags.store, env);
				const store = openStore(directory);
				const options = {
					...(flags.all === true ? {all: true} : {}),
					...(flags.olderThan === undefined ? {} : {olderThan: Date.now() - age(flags.olderThan)}),
					...(flags.keep === undefined ? {} : {keepBytes: size(flags.keep)}),
				};
				const {layers, blobs, steps, caches, bytes} = await withWorker({store: directory, ids: 'auto', driver: 'auto'}, (worker) =>
					prune(store, options, {
						remove: async (path) => void (await worker.call('remove', {paths: [path]})),
						measure: (path) => worker.call('measure', {path}),
					}),
				);
				terminal.out(`deleted ${layers} layers, ${blobs} blobs, ${steps} step results and ${caches} cache mounts: ${formatBytes(bytes)}\n`);
			});
	},
};

/** Milliseconds. */
const durations: Readonly<Record<string, number>> = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000};

function age(text: string): number {
	const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/v.exec(text) ?? [];
	const factor = durations[unit.toLowerCase()];
	if (number === undefined || factor === undefined)
		throw new BuildError(cliBadValue('--older-than', text, `a number and one of ${Object.keys(durations).join(', ')}`));
	return Math.round(Number(number) * factor);
}

function size(text: string): number {
	const bytes = parseByteSize(text);
	if (bytes === undefined) throw new BuildError(cliBadValue('--keep', text, 'a number of bytes such as `500MB` or `10GiB`'));
	return bytes;
}
