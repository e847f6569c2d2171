import {spawn} from 'node:child_process';
import {closeSync, openSync, readFileSync} from 'node:fs';
import {get} from 'node:http';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';

/**
 * Starts dockerd, which root can, with everything it writes below a directory; `host` is what clients take as DOCKER_HOST. Containers have no
 * network. `stop` ends exactly this process and what it started, and waits for it.
 */
export async function startDaemon(directory) {
	const [log, place] = [join(directory, 'log'), (name) => join(directory, name)];
	const [output, socket] = [openSync(log, 'w'), place('socket')];
	const host = `unix://${socket}`;
	const options = [
		'--iptables=false',
		'--ip6tables=false',
		'--bridge=none',
		'--data-root',
		place('data'),
		'--exec-root',
		place('exec'),
		'--pidfile',
		place('pid'),
	];
	const child = spawn('dockerd', [...options, '--host', host], {stdio: ['ignore', output, output], detached: true});
	closeSync(output);
	const ended = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
	const isAlive = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
	const stop = async () => {
		if (isAlive()) child.kill('SIGTERM');
		const kill = setTimeout(() => child.kill('SIGKILL'), 30_000);
		await ended;
		clearTimeout(kill);
	};
	try {
		for (let tries = 0; tries < 300; tries++) {
			await delay(100);
			if (!isAlive()) throw new Error(`dockerd does not start: ${lastLine(log)}`);
			if (await answers(socket)) return {host, stop};
		}
		throw new Error(`dockerd does not answer within 30 s: ${lastLine(log)}`);
	} catch (error) {
		await stop();
		throw error;
	}
}

/** Whether the engine behind the socket is ready. */
function answers(socketPath) {
	return new Promise((resolve) => {
		const request = get({socketPath, path: '/_ping', timeout: 1000}, (response) => {
			response.resume();
			resolve(response.statusCode === 200);
		});
		request.once('timeout', () => request.destroy()).once('error', () => resolve(false));
	});
}

function lastLine(log) {
	return readFileSync(log, 'utf8').trimEnd().split('\n').at(-1);
}
