import {join} from 'node:path';
import {boxfile} from '../boxfile.mjs';
import {check} from '../check.mjs';
import {startRegistry} from '../registry.mjs';
import {writeFiles} from '../write-files.mjs';

/** Ways of a base of 170 MB into and out of a store. */
export const images = {
	name: 'images',
	title: 'an image of 170 MB',
	bases: ['debian'],
	write: (context, bench) => writeFiles(context, [['Boxfile', boxfile(`FROM tar:${bench.tars.debian}`)]]),
	/** A registry that has the image: pulls of all tools get the same bytes. */
	start: async (context, bench) => {
		const registry = await startRegistry(join(bench.top, 'registry'));
		bench.imageName = `${registry.host}/bench/base:1`;
		bench.pushedFrom = join(bench.top, 'home', 'pushing');
		const push = ['build', '--store', bench.pushedFrom, '-t', bench.imageName, '--push', '--progress', 'plain', context];
		check(await bench.asUser([process.execPath, bench.program, ...push]), 'boxbuild build --push');
		return registry;
	},
	phases: [
		{name: 'import of a tar', action: 'importTar', goal: 0.6, than: 'buildah'},
		{name: 'pull', action: 'pull', goal: 0.6, than: 'buildah'},
		{name: 'push, unchanged', action: 'push', cpuGoal: 0.2},
		{name: 'gzip archive', action: 'archive', goal: 1.1, than: 'bare'},
	],
};
