import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {baseNames} from '../base-name.mjs';
import {buildOptions} from '../build-options.mjs';
import {check} from '../check.mjs';
import {startDaemon} from '../../support/start-daemon.mjs';

const clients = ['/usr/local/bin/docker', '/usr/bin/docker'];

/** BuildKit inside a dockerd of its own, which runs as root for as long as the bench. */
export function makeBuildkit(bench) {
	const directory = join(bench.top, 'docker');
	const run = (client, ...args) => {
		const environment = {DOCKER_HOST: daemon.host, DOCKER_BUILDKIT: '1', DOCKER_CONFIG: join(directory, 'config')};
		return bench.asSelf([client, ...args], {environment});
	};
	const buildWith = (client, context, phase) => {
		const options = [...(phase.cold ? ['--no-cache'] : []), ...buildOptions(context, phase)];
		return run(client, 'build', '--network', 'host', '--progress', 'plain', ...options, context);
	};
	let daemon;
	let client;
	const tool = {
		name: 'buildkit',
		start: async () => {
			if (process.getuid() !== 0) throw new Error('dockerd runs as root only');
			mkdirSync(directory, {mode: 0o700});
			daemon = await startDaemon(directory);
			client = await findClient(join(directory, 'try'), buildWith);
			tool.version = check(await run(client, 'version', '--format', 'dockerd {{.Server.Version}}'), 'docker version').output.trim();
			for (const [base, tar] of Object.entries(bench.tars)) check(await run(client, 'import', tar, baseNames[base]), 'docker import');
		},
		reset: async () => {
			check(await run(client, 'image', 'prune', '--force'), 'docker image prune');
			check(await run(client, 'builder', 'prune', '--all', '--force'), 'docker builder prune');
		},
		clean: () => tool.reset(),
		build: (context, {phase}) => buildWith(client, context, phase),
		stop: async () => {
			await daemon?.stop();
			await bench.asSelf(['rm', '-rf', directory], {cleanup: true});
		},
	};
	return tool;
}

/** A client that can build with BuildKit: newer ones need the buildx component, older ones have it built in. */
async function findClient(context, buildWith) {
	mkdirSync(context);
	writeFileSync(join(context, 'Boxfile'), 'FROM scratch\nCOPY Boxfile /\n');
	const tries = [];
	for (const client of clients) {
		const result = await buildWith(client, context, {});
		if (result.status === 0) return client;
		tries.push(`${client}: ${result.lastLines.split('\n')[0]}`);
	}
	throw new Error(`no docker client builds with BuildKit (apt-get install docker-buildx): ${tries.join('; ')}`);
}
