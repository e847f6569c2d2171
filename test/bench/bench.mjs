import {chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {findUser} from './find-user.mjs';
import {findDebianTar} from './find-debian-tar.mjs';
import {interruption, runCommand} from './run-command.mjs';

/**
 * What every tool and workload gets: a directory of the building user, the base, and ways to run commands.
 * `asUser` runs as the building user, `asSelf` as who started the bench; `inNamespace` as root of the user's id range.
 */
export async function makeBench({directory, rounds, program}) {
	const user = await findUser();
	const top = mkdtempSync(join(directory, 'boxbuild-bench-'));
	chmodSync(top, 0o755);
	const own = (name) => makeOwned(join(top, name), user);
	for (const name of ['home', 'run', 'contexts']) own(name);
	const environment = {HOME: join(top, 'home'), XDG_RUNTIME_DIR: join(top, 'run')};
	const asUser = (command, options) => runCommand(command, {...options, user, environment: {...environment, ...options?.environment}});
	const asSelf = (command, options) => runCommand(command, {...options, environment: {HOME: environment.HOME, ...options?.environment}});
	const inNamespace = (command, options) => asUser(['unshare', '--map-auto', '--map-root-user', '--', ...command], options);
	const remove = async () => {
		await inNamespace(['rm', '-rf', join(top, 'home'), join(top, 'contexts')], {cleanup: true});
		rmSync(top, {recursive: true, force: true});
		user.remove();
	};
	for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interruption.abort());
	try {
		const debianTar = await findDebianTar(asSelf);
		return {user, top, rounds, program, own, asUser, asSelf, inNamespace, remove, debianTar};
	} catch (error) {
		await remove();
		throw error;
	}
}

function makeOwned(path, user) {
	mkdirSync(path, {recursive: true, mode: 0o700});
	chmodSync(path, 0o700);
	chownSync(path, user.uid, user.gid);
	return path;
}
