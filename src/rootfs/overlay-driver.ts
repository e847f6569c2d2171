import {mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {mount, mountDetached, takesLowersOneByOne, unmount} from '../host/mount.ts';
import type {DriverKind, DriverProbe, RootfsDriver, View} from './driver.ts';

/** Kernel overlayfs mounted inside the user namespace with `userxattr` (Documentation/filesystems/overlayfs.rst; Linux 5.11). */
export const overlayDriver: DriverKind = {
	name: 'overlay',
	probe: async (directory) => probe(directory),
	open(directory) {
		for (const name of ['one', 'two']) mkdirSync(`${directory}/${name}`, {recursive: true});
		return openOverlay(takesLowersOneByOne(`${directory}/one`, `${directory}/two`), `${directory}/empty`);
	},
};

/** `lowerByLower`: the new mount API with one call a lowerdir (Linux 6.8); false: one option string for mount(2). `empty` becomes an empty directory. */
export function openOverlay(lowerByLower: boolean, empty: string): RootfsDriver {
	mkdirSync(empty, {recursive: true});
	return {
		name: 'overlay',
		view: async (lowers, mountpoint) => view(lowers.length === 1 ? [...lowers, empty] : lowers, mountpoint, lowerByLower),
		async root({lowers, upper, work}) {
			return {mount: {kind: 'overlay', lowers, upper, work, lowerByLower}, close: async () => {}};
		},
		attach: async ({lowers, mountpoint, write}) => {
			const stack = lowers.length === 1 && write === undefined ? [...lowers, empty] : lowers;
			const writing = write === undefined ? '' : `,upperdir=${write.upper},workdir=${write.work},volatile`;
			mkdirSync(mountpoint);
			mount('overlay', mountpoint, 'overlay', write === undefined ? 1 : 0, `lowerdir=${stack.join(':')}${writing},userxattr`);
			return {path: mountpoint, close: async () => unmount(mountpoint)};
		},
	};
}

function view(lowers: readonly string[], mountpoint: string, lowerByLower: boolean): View {
	if (lowerByLower) {
		const detached = mountDetached('overlay', [...lowers.map((lower) => ['lowerdir+', lower] as const), ['userxattr', true]], true);
		return {path: detached.path, close: async () => detached.close()};
	}
	mkdirSync(mountpoint);
	mount('overlay', mountpoint, 'overlay', 1, `lowerdir=${lowers.join(':')},userxattr`);
	return {path: mountpoint, close: async () => unmount(mountpoint)};
}

/** A mount alone proves little: without userxattr it succeeds and deleting a lower directory fails later, so the probe does that. */
function probe(directory: string): DriverProbe {
	const at = (name: string) => `${directory}/${name}`;
	try {
		for (const name of ['lower/gone', 'upper', 'work', 'merged']) mkdirSync(at(name), {recursive: true});
		writeFileSync(at('lower/gone/file'), 'x');
		writeFileSync(at('lower/kept'), 'x');
		mount(
			'overlay',
			at('merged'),
			'overlay',
			0,
			`lowerdir=${at('lower')},upperdir=${at('upper')},workdir=${at('work')},userxattr,volatile`,
		);
		try {
			rmSync(at('merged/gone'), {recursive: true});
			mkdirSync(at('merged/gone'));
			renameSync(at('merged/kept'), at('merged/gone/kept'));
		} finally {
			unmount(at('merged'));
		}
		return {works: true, facts: ['the kernel mounts an overlay on the store inside a user namespace']};
	} catch (error) {
		return {
			works: false,
			facts: [`the kernel's overlay does not work on the store: ${error instanceof Error ? error.message : String(error)}`],
		};
	} finally {
		rmSync(directory, {recursive: true, force: true});
		mkdirSync(directory, {recursive: true});
	}
}
