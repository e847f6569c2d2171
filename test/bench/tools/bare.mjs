import {join} from 'node:path';
import {check} from '../check.mjs';

/** Not a builder: runs a workload's bare command in an empty directory, the floor for every tool. */
export function makeBare(bench) {
	const directory = join(bench.top, 'bare');
	const tool = {
		name: 'bare',
		version: 'the same commands without a builder',
		reset: async () => {
			bench.own('bare');
			check(await bench.asUser(['find', directory, '-mindepth', '1', '-delete']), 'find -delete');
		},
		clean: () => tool.reset(),
		prepare: {
			archive: async () => {
				const script = `mkdir tree && tar -C tree --exclude=./dev -xf ${bench.tars.debian}`;
				check(await bench.asUser(['sh', '-ec', script], {directory}), 'tar -x');
			},
		},
		actions: {archive: () => bench.asUser(['sh', '-ec', 'tar -C tree -cf - . | pigz > image.tgz'], {directory})},
		build: (_context, {workload}) => (workload.bare === undefined ? undefined : bench.asUser(['sh', '-c', workload.bare], {directory})),
		stop: () => undefined,
	};
	return tool;
}
