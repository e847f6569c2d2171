import {spawn} from 'node:child_process';
import {closeSync, openSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';

/** Starts dockerd with everything it writes below a directory; `stop` ends exactly this process and waits for it. */
export async function startDaemon({directory, host, isReady}) {
	const [log, place] = [join(directory, 'log'), (name) => join(directory, name)];
	const output = openSync(log, 'w');
	const options = [
		'--iptables=false',
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
		for (let tries = 0; tries < 60; tries++) {
			await delay(500);
			if (!isAlive()) throw new Error(`dockerd does not start: ${lastLine(log)}`);
			if (await isReady()) return {stop};
		}
		throw new Error(`dockerd does not answer within 30 s: ${lastLine(log)}`);
	} catch (error) {
		await stop();
		throw error;
	}
}

function lastLine(log) {
	return readFileSync(log, 'utf8').trimEnd().split('\n').at(-1);
}
