import {accessSync, constants, existsSync, readdirSync, readFileSync} from 'node:fs';
import {findControlGroup, groupsAround} from '../../src/isolation/control-group-place.ts';
import {met, never, type Requirement} from './requirement.ts';

const place = findControlGroup(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));

/** Directories in which a build may make its group, the nearest first. */
const homes: readonly string[] =
	place === undefined
		? []
		: groupsAround(place.own)
				.map((path) => (path === '/' ? place.mountpoint : place.mountpoint + path))
				.filter(isOurs);

/** The nearest group that is ours and gives these controllers to its children. */
export function homeWith(...controllers: readonly string[]): string | undefined {
	return homes.find((home) => {
		const given = readFileSync(`${home}/cgroup.subtree_control`, 'utf8').trim().split(' ');
		return controllers.every((controller) => given.includes(controller));
	});
}

/** Steps can be limited by this controller of version 2. It takes a kernel that has it free and somebody who gives the group away. */
export function controller(...names: readonly string[]): Requirement {
	return homeWith(...names) === undefined
		? never(
				`this user has no control group with ${names.join(' and ')}`,
				'run the tests in a delegated group, as .ci/run does in a kernel of its own',
			)
		: met;
}

/** Groups that builds have made here. */
export function groupsOfBuilds(): readonly string[] {
	return homes.flatMap((home) => readdirSync(home).filter((name) => name.startsWith('boxbuild-')));
}

function isOurs(directory: string): boolean {
	try {
		for (const file of ['', '/cgroup.procs', '/cgroup.subtree_control']) accessSync(directory + file, constants.W_OK);
		return existsSync(`${directory}/cgroup.controllers`);
	} catch {
		return false;
	}
}
