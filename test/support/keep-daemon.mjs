// Keeps a dockerd in a directory of its own, for as long as standard input is open: so it ends with the process that holds the other end,
// however that one ends. Prints DOCKER_HOST when the daemon is ready; when this process ends nothing is left of it.
import {mkdtempSync, rmSync} from 'node:fs';
import {once} from 'node:events';
import {startDaemon} from './start-daemon.mjs';

// Paths of sockets are limited to 107 bytes, hence the short one.
const directory = mkdtempSync('/tmp/boxbuild-docker-');
const finished = Promise.race([once(process.stdin.resume(), 'close'), once(process, 'SIGTERM'), once(process, 'SIGINT')]);
try {
	const daemon = await startDaemon(directory);
	console.log(daemon.host);
	await finished;
	await daemon.stop();
} catch (error) {
	console.error(error.message);
	process.exitCode = 1;
} finally {
	rmSync(directory, {recursive: true, force: true});
}
process.exit();
