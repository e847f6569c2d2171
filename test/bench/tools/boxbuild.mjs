import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {baseName, baseNames} from '../base-name.mjs';
import {buildOptions} from '../build-options.mjs';
import {check} from '../check.mjs';

const crowd = {images: 1000, layers: 10_000};
const crowdStore = fileURLToPath(new URL('../crowd-store.mjs', import.meta.url));

/**
 * boxbuild as an ordinary user; every cold build has a store of its own, a copy of one that has the bases. The tool `crowded` is the same with a
 * thousand images more in the store.
 */
export function makeBoxbuild(bench, name = 'boxbuild') {
	const directory = join(bench.top, name);
	const [pristine, store, trash] = ['pristine', 'store', 'trash'].map((name) => join(directory, name));
	const run = (...args) => bench.asUser([process.execPath, bench.program, ...args]);
	let count = 0;
	/** A store without anything; the old ones go later, see `reset`. */
	const renew = () => {
		fresh = join(directory, `fresh${count++}`);
	};
	let fresh = '';
	const tool = {
		name,
		start: async () => {
			bench.own(name);
			tool.version = check(await run('version'), 'boxbuild version').output.trim();
			bench.own(`${name}/pristine`);
			for (const [base, tar] of Object.entries(bench.tars))
				check(await run('import', '--store', pristine, '-t', baseNames[base], tar), 'boxbuild import');
			const fill = [process.execPath, crowdStore, pristine, String(crowd.images), String(crowd.layers)];
			if (name !== 'crowded') return;
			check(await bench.inNamespace(fill), 'filling the store');
			// Then index.json is a text of the store's own again, as it is after every build.
			const [base] = Object.keys(bench.tars);
			check(await run('tag', '--store', pristine, baseNames[base], 'localhost/crowd'), 'boxbuild tag');
		},
		// The bases' unpacked files become hard links, everything that is written to is copied. The old store goes later, see runRounds.
		reset: async () => {
			const script = `mkdir -p ${trash}; [ ! -e ${store} ] || mv ${store} $(mktemp -d -p ${trash}); mkdir ${store}; cd ${pristine}; for name in *; do [ -e $name ] || continue;
				case $name in layers|blobs) cp -al $name ${store};; *) cp -a $name ${store};; esac; done`;
			check(await bench.inNamespace(['sh', '-ec', script]), 'copying the store');
		},
		clean: () => bench.inNamespace(['sh', '-c', `rm -rf ${trash} ${store} ${directory}/fresh*`]),
		prepare: {importTar: renew, pull: renew, archive: () => tool.reset()},
		actions: {
			importTar: () => run('import', '--store', fresh, '-t', 'imported', bench.tars.debian),
			pull: () => run('pull', '--store', fresh, '--progress', 'plain', bench.imageName),
			push: (context) => run('build', '--store', bench.pushedFrom, '-t', bench.imageName, '--push', '--progress', 'plain', context),
			archive: () => run('export', '--store', store, baseName, '-o', `type=oci,dest=${join(directory, 'image.tar')}`),
		},
		build: (context, {phase}) => run('build', '--store', store, '--progress', 'plain', ...buildOptions(context, phase), context),
		stop: () => bench.inNamespace(['rm', '-rf', directory], {cleanup: true}),
	};
	return tool;
}
