import {existsSync, renameSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {check} from './check.mjs';
import {makeNodeTar, nodeTarName} from './make-node-tar.mjs';

const debianTar = process.env['BOXBUILD_DEBIAN_TAR'] ?? '/var/tmp/debian.tar';

/** The bases as tars: the first one is BOXBUILD_DEBIAN_TAR, the others stand beside it. Each `make(bench, path)` writes one. */
const tars = {
	debian: {path: () => debianTar, make: (bench, path) => bootstrap(bench, path, [])},
	compiler: {
		path: () => join(dirname(debianTar), 'debian-compiler.tar'),
		make: (bench, path) => bootstrap(bench, path, ['--include=gcc,make,libc6-dev']),
	},
	node: {
		path: () => join(dirname(debianTar), nodeTarName()),
		make: async (bench, path) => makeNodeTar(bench, {path, debian: await findBaseTar(bench, 'debian')}),
	},
};

/** The tar of the base (a key of baseNames), made when it is missing and kept for the next time. */
export async function findBaseTar(bench, name) {
	const path = tars[name].path();
	if (existsSync(path)) return path;
	console.log(`making ${path}`);
	const unfinished = `${path}.unfinished`;
	try {
		await tars[name].make(bench, unfinished);
		renameSync(unfinished, path);
	} finally {
		await bench.asSelf(['rm', '-f', unfinished], {cleanup: true});
	}
	return path;
}

async function bootstrap(bench, path, options) {
	const command = ['mmdebstrap', '--quiet', '--format=tar', '--variant=minbase', ...options, 'bookworm', path];
	check(await bench.asSelf(command, {environment: process.env}), 'mmdebstrap');
}
