import {accessSync, constants, existsSync, readdirSync, readFileSync} from 'node:fs';
import {userInfo} from 'node:os';
import {met, missing, never, type Requirement} from './requirement.ts';

const {uid, username} = userInfo();

/** True when one of the usual directories has the program. */
export function hasProgram(name: string): boolean {
	const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
	return directories.some((directory) => allows(`${directory}/${name}`, constants.X_OK));
}

/** A program, and the command that installs it. */
export function program(name: string, remedy: string): Requirement {
	return hasProgram(name) ? met : missing(`${name} is not installed`, remedy);
}

/** A program of a Debian package. */
export function debianProgram(name: string, debianPackage = name): Requirement {
	return program(name, `apt-get install ${debianPackage}`);
}

export const root: Requirement = uid === 0 ? met : never(`${username} is not root`, 'run the tests as root');
export const notRoot: Requirement = uid === 0 ? never('it is about users that are not root', 'run the tests as an ordinary user') : met;

/** An ordinary user with a range in /etc/subuid and /etc/subgid. */
export const subordinateIds: Requirement = findSubordinateIds();

/** Steps that can use more than one user id: as root, or by a subordinate range. */
export const manyIds: Requirement = uid === 0 ? met : subordinateIds;

/** Every way to have ids that this user has (`--ids`). */
export const idModes: readonly string[] = uid === 0 ? ['root'] : ['single', ...(manyIds.holds ? ['multi'] : [])];

/** User ids up to 300000 can be given to files: more than the usual range of 65536 holds. */
export const farIds: Requirement =
	!manyIds.holds || uid === 0 || rangeSize('/etc/subuid') > 300_000
		? manyIds
		: never(`the range of ${username} ends before 300000`, 'run the tests as root');

/** fuse-overlayfs can be used. */
export const fuse: Requirement = !hasProgram('fuse-overlayfs')
	? missing('fuse-overlayfs is not installed', 'apt-get install fuse-overlayfs')
	: allows('/dev/fuse', constants.R_OK | constants.W_OK)
		? met
		: missing('/dev/fuse cannot be opened', 'modprobe fuse; chmod 666 /dev/fuse');

/** Tests that take minutes run as one kind of user only. */
export const heavy: Requirement =
	subordinateIds.holds || process.env['BOXBUILD_HEAVY'] === '1'
		? met
		: never('it takes minutes and runs as a user with subordinate ids', 'set BOXBUILD_HEAVY=1 to run it all the same');

/** Docker's daemon and the client of the same package. */
export const docker: Requirement = allows('/usr/bin/docker', constants.X_OK)
	? debianProgram('dockerd', 'docker.io')
	: missing('/usr/bin/docker is not installed', 'apt-get install docker.io');

/** Control groups are mounted where dockerd looks for them. */
export const controlGroups: Requirement =
	existsSync('/sys/fs/cgroup') && readdirSync('/sys/fs/cgroup').length > 0
		? met
		: missing('no control groups are mounted', 'mount -t cgroup2 none /sys/fs/cgroup');

/** A Debian root file system: BOXBUILD_DEBIAN_TAR, or made by mmdebstrap. */
export const debian: Requirement =
	existsSync(process.env['BOXBUILD_DEBIAN_TAR'] ?? '') || (manyIds.holds && hasProgram('mmdebstrap'))
		? met
		: missing(
				'there is no Debian root file system',
				'set BOXBUILD_DEBIAN_TAR to a tar made by `mmdebstrap --variant=minbase bookworm FILE`, or install mmdebstrap',
			);

function rangeSize(file: string): number {
	const ranges = readFileSync(file, 'utf8')
		.split('\n')
		.map((line) => line.split(':'));
	return ranges.filter(([owner]) => owner === username || owner === String(uid)).reduce((sum, [, , count]) => sum + Number(count), 0);
}

function findSubordinateIds(): Requirement {
	if (uid === 0) return never('root needs no subordinate ids', 'run the tests as an ordinary user');
	for (const file of ['/etc/subuid', '/etc/subgid']) {
		const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
		if (!lines.some((line) => line.startsWith(`${username}:`) || line.startsWith(`${uid}:`)))
			return never(`${file} gives ${username} no range`, `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}`);
	}
	return program('newuidmap', 'apt-get install uidmap');
}

function allows(path: string, mode: number): boolean {
	try {
		accessSync(path, mode);
		return true;
	} catch {
		return false;
	}
}
