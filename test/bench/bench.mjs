import {chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {findUser} from './find-user.mjs';
import {interruption, runCommand} from './run-command.mjs';

/**
 * What every tool and workload gets: a directory of the building user, the tars of the bases (filled by prepareBases), and ways to run
 * commands. `asUser` runs as the building user, `asSelf` as who started the bench; `inNamespace` as root of the user's id range. `onStart`,
 * when it is set, is told the process id of each command of the building user.
 */
export function makeBench({directory, rounds, program}) {
	const user = findUser();
	const top = mkdtempSync(join(directory, 'boxbuild-bench-'));
	chmodSync(top, 0o755);
	const own = (name) => makeOwned(join(top, name), user);
	for (const name of ['home', 'run', 'contexts']) own(name);
	const environment = {HOME: join(top, 'home'), XDG_RUNTIME_DIR: join(top, 'run')};
	const asUser = (command, options) => {
		const onStart = (pid) => bench.onStart?.(pid);
		return runCommand(command, {...options, onStart, user, environment: {...environment, ...options?.environment}});
	};
	const asSelf = (command, options) => runCommand(command, {...options, environment: {HOME: environment.HOME, ...options?.environment}});
	const inNamespace = (command, options) => asUser(['unshare', '--map-auto', '--map-root-user', '--', ...command], options);
	const remove = async () => {
		await inNamespace(['rm', '-rf', join(top, 'home'), join(top, 'contexts')], {cleanup: true});
		rmSync(top, {recursive: true, force: true});
		user.remove();
	};
	for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interruption.abort());
	const bench = {user, top, rounds, program, own, asUser, asSelf, inNamespace, remove, tars: {}, onStart: undefined};
	return bench;
}

function makeOwned(path, user) {
	mkdirSync(path, {recursive: true, mode: 0o700});
	chmodSync(path, 0o700);
	chownSync(path, user.uid, user.gid);
	return path;
}
