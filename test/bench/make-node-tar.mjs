import {createHash} from 'node:crypto';
import {cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {delimiter, dirname, join} from 'node:path';
import {check} from './check.mjs';

const top = new URL('../../', import.meta.url).pathname;
const manifests = ['package.json', 'package-lock.json'];

/** What a base with the machine's Node, npm and the packages of this checkout's lock file is called: it changes with each of them. */
export function nodeTarName() {
	const hash = createHash('sha256');
	for (const part of [process.version, readFileSync(join(npmDirectory(), 'package.json')), ...manifests.map(readManifest)])
		hash.update(part);
	return `debian-node-${hash.digest('hex').slice(0, 12)}.tar`;
}

/**
 * Adds Node and npm in /opt/node and a filled /npm-cache to a copy of the Debian tar, so that a step can run `npm ci --offline`. npm finds
 * packages in its cache by the address they came from: the base is configured with the registry that this machine uses.
 */
export async function makeNodeTar(bench, {path, debian}) {
	const stage = mkdtempSync(join(bench.top, 'node-'));
	try {
		const root = join(stage, 'root');
		await fillCache(bench, {project: join(stage, 'project'), cache: join(root, 'npm-cache')});
		await placeNode(bench, join(root, 'opt/node'));
		// Not `tar --append`: it would go on in the format of the Debian tar, which has no room for the long names of npm's cache.
		const more = join(stage, 'more.tar');
		const options = ['--format=pax', '--owner=0', '--group=0', '--numeric-owner', '--sort=name', '-C', root];
		// Nothing that the Debian tar has, too: dockerd imports no duplicates.
		check(await bench.asSelf(['tar', '-cf', more, ...options, 'npm-cache', 'opt/node']), 'tar -c');
		check(await bench.asSelf(['cp', debian, path]), 'cp');
		check(await bench.asSelf(['tar', '--concatenate', '-f', path, more]), 'tar --concatenate');
	} finally {
		rmSync(stage, {recursive: true});
	}
}

async function fillCache(bench, {project, cache}) {
	mkdirSync(project);
	for (const name of manifests) writeFileSync(join(project, name), readManifest(name));
	const command = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--cache', cache];
	check(await bench.asSelf(command, {environment: process.env, directory: project}), 'npm ci');
	rmSync(join(cache, '_logs'), {recursive: true, force: true});
}

async function placeNode(bench, prefix) {
	for (const name of ['bin', 'etc', 'lib/node_modules']) mkdirSync(join(prefix, name), {recursive: true});
	cpSync(process.execPath, join(prefix, 'bin/node'));
	cpSync(npmDirectory(), join(prefix, 'lib/node_modules/npm'), {recursive: true});
	symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(prefix, 'bin/npm'));
	const registry = check(await bench.asSelf(['npm', 'config', 'get', 'registry'], {environment: process.env}), 'npm config').output.trim();
	writeFileSync(join(prefix, 'etc/npmrc'), `registry=${registry}\n`);
}

function npmDirectory() {
	for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
		try {
			return dirname(dirname(realpathSync(join(directory, 'npm'))));
		} catch {
			continue;
		}
	}
	throw new Error('npm is not installed');
}

function readManifest(name) {
	return readFileSync(join(top, name));
}
