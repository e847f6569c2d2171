import {spawn} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';

/** A registry of this machine on a free loopback port, in a directory: {host, stop()}. Throws when docker-registry is not installed. */
export async function startRegistry(directory) {
	mkdirSync(directory, {recursive: true});
	const port = await freePort();
	const configuration = {
		version: 0.1,
		log: {level: 'error'},
		storage: {filesystem: {rootdirectory: join(directory, 'data')}},
		http: {addr: `127.0.0.1:${port}`},
	};
	// JSON is YAML.
	writeFileSync(join(directory, 'config.yml'), JSON.stringify(configuration));
	const child = spawn('docker-registry', ['serve', join(directory, 'config.yml')], {stdio: 'ignore'});
	const failed = new Promise((_, reject) => child.once('error', () => reject(new Error('docker-registry is not installed'))));
	await Promise.race([failed, answering(port)]);
	return {host: `127.0.0.1:${port}`, stop: () => child.kill('SIGKILL')};
}

async function answering(port) {
	for (let tries = 0; tries < 100; tries++) {
		const answer = await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => undefined);
		if (answer?.ok) return;
		await delay(50);
	}
	throw new Error('docker-registry does not answer');
}

function freePort() {
	return new Promise((resolve) => {
		const server = createServer().listen(0, '127.0.0.1', () => {
			const {port} = server.address();
			server.close(() => resolve(port));
		});
	});
}
