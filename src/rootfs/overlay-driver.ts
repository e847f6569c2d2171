import {mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {mount, mountDetached, mountFlags, takesLowersOneByOne, unmount} from '../host/mount.ts';
import {getXattr, setXattr} from '../host/xattr.ts';
import type {DriverKind, DriverPlace, DriverProbe, RootfsDriver, StepMount, View} from './driver.ts';
import {removeTree} from './remove-tree.ts';

/** Kernel overlayfs mounted inside the user namespace with `userxattr` (Documentation/filesystems/overlayfs.rst; Linux 5.11). */
export const overlayDriver: DriverKind = {
	name: 'overlay',
	mountless: false,
	probe: async (directory) => probe(directory, 'store'),
	open: ({directory, once}) => openOverlay(takesLowers(directory, once), `${directory}/empty`),
};

/** The same with upperdirs on a tmpfs: for stores whose file system takes none, as the overlay of a container. What a step writes takes memory until it is over. */
export const memoryOverlayDriver: DriverKind = {
	name: 'overlay-tmpfs',
	mountless: false,
	probe: async (directory) => probe(directory, 'memory'),
	open({directory, once}) {
		const memory = `${directory}/memory`;
		mkdirSync(memory, {recursive: true});
		mountMemory(memory);
		return openOverlay(takesLowers(directory, once), `${directory}/empty`, memory);
	},
};

/**
 * `lowerByLower`: the new mount API with one call a lowerdir (Linux 6.8); false: one option string for mount(2). `empty` becomes an empty
 * directory when one is needed. `memory` is a tmpfs for upperdirs; without it they are where the request says.
 */
export function openOverlay(lowerByLower: boolean, empty: string, memory?: string): RootfsDriver {
	// An overlay that is only read has two lowerdirs at least.
	const atLeastTwo = (lowers: readonly string[]): readonly string[] => {
		if (lowers.length > 1) return lowers;
		mkdirSync(empty, {recursive: true});
		return [...lowers, empty];
	};
	let count = 0;
	const writable = (directory: string): {readonly home: string; readonly upper: string; readonly work: string} => {
		const home = memory === undefined ? directory : `${memory}/${count++}`;
		for (const name of ['upper', 'work']) mkdirSync(`${home}/${name}`, {recursive: true});
		return {home, upper: `${home}/upper`, work: `${home}/work`};
	};
	const free = (home: string): void => {
		if (memory !== undefined) removeTree(home);
	};
	return {
		name: memory === undefined ? 'overlay' : 'overlay-tmpfs',
		uppersInStore: memory === undefined,
		readsAnyMark: false,
		// What fsconfig(2) takes as a string (fs/fsopen.c).
		longestLower: lowerByLower ? 255 : 0,
		...(memory === undefined ? {foresee: ({lowers, directory}) => rootMount(lowers, writable(directory).home, lowerByLower)} : {}),
		view: async (lowers, mountpoint) => view(atLeastTwo(lowers), mountpoint, lowerByLower),
		async root({lowers, directory}) {
			const {home, upper} = writable(directory);
			return {
				mount: rootMount(lowers, home, lowerByLower),
				changes: async () => upper,
				close: async () => free(home),
			};
		},
		async attach({lowers, mountpoint, write}) {
			const stack = write === undefined ? atLeastTwo(lowers) : lowers;
			const own = write === undefined ? undefined : writable(write);
			const writing = own === undefined ? '' : `,upperdir=${own.upper},workdir=${own.work},volatile`;
			mkdirSync(mountpoint);
			mount(
				'overlay',
				mountpoint,
				'overlay',
				own === undefined ? mountFlags.readOnly : 0,
				`lowerdir=${stack.join(':')}${writing},userxattr`,
			);
			return {
				path: mountpoint,
				async close() {
					unmount(mountpoint);
					if (own !== undefined) free(own.home);
				},
			};
		},
		close() {
			if (memory !== undefined) unmount(memory);
		},
	};
}

function rootMount(lowers: readonly string[], home: string, lowerByLower: boolean): StepMount {
	return {kind: 'overlay', lowers, upper: `${home}/upper`, work: `${home}/work`, lowerByLower};
}

function takesLowers(directory: string, once: DriverPlace['once']): boolean {
	return once('the overlay takes lowerdirs one by one', () => {
		for (const name of ['one', 'two']) mkdirSync(`${directory}/${name}`, {recursive: true});
		return takesLowersOneByOne(`${directory}/one`, `${directory}/two`);
	});
}

function mountMemory(path: string): void {
	mount('uppers', path, 'tmpfs', mountFlags.noDevices, 'mode=700');
}

function view(lowers: readonly string[], mountpoint: string, lowerByLower: boolean): View {
	if (lowerByLower) {
		const detached = mountDetached('overlay', [...lowers.map((lower) => ['lowerdir+', lower] as const), ['userxattr', true]], true);
		return {path: detached.path, close: async () => detached.close()};
	}
	mkdirSync(mountpoint);
	mount('overlay', mountpoint, 'overlay', mountFlags.readOnly, `lowerdir=${lowers.join(':')},userxattr`);
	return {path: mountpoint, close: async () => unmount(mountpoint)};
}

/** A mount alone proves little: without userxattr it succeeds and deleting a lower directory fails later, so the probe does that. */
function probe(directory: string, place: 'store' | 'memory'): DriverProbe {
	const where = place === 'store' ? 'on the store' : 'with upperdirs on a tmpfs';
	const uppers = `${directory}/uppers`;
	let isMounted = false;
	let works = false;
	try {
		mkdirSync(uppers, {recursive: true});
		if (place === 'memory') mountMemory(uppers);
		isMounted = place === 'memory';
		works = holdsChanges(directory, uppers);
		return {works, facts: [works ? `the kernel mounts an overlay ${where}` : `the kernel's overlay ${where} loses what is written`]};
	} catch (error) {
		return {
			works: false,
			facts: [`the kernel's overlay does not work ${where}: ${error instanceof Error ? error.message : String(error)}`],
		};
	} finally {
		if (isMounted) unmount(uppers);
		// Otherwise it goes with the rest of the build.
		if (!works) {
			rmSync(directory, {recursive: true, force: true});
			mkdirSync(directory, {recursive: true});
		}
	}
}

function holdsChanges(directory: string, uppers: string): boolean {
	const at = (name: string) => `${directory}/${name}`;
	const [upper, work] = [`${uppers}/upper`, `${uppers}/work`];
	for (const path of [at('lower/gone'), at('merged'), upper, work]) mkdirSync(path, {recursive: true});
	writeFileSync(at('lower/gone/file'), 'x');
	writeFileSync(at('lower/kept'), 'x');
	mount('overlay', at('merged'), 'overlay', 0, `lowerdir=${at('lower')},upperdir=${upper},workdir=${work},userxattr,volatile`);
	try {
		rmSync(at('merged/gone'), {recursive: true});
		mkdirSync(at('merged/gone'));
		renameSync(at('merged/kept'), at('merged/gone/kept'));
		setXattr(Buffer.from(at('merged/gone/kept')), 'user.boxbuild.probe', 'y');
	} finally {
		unmount(at('merged'));
	}
	const kept = `${upper}/gone/kept`;
	return readFileSync(kept, 'utf8') === 'x' && getXattr(Buffer.from(kept), 'user.boxbuild.probe') === 'y';
}
