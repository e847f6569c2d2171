import {
	accessSync,
	chmodSync,
	constants,
	existsSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {errnoOf} from '../host/errno.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {envServerEnded} from '../diagnostics/env.ts';
import {unmount} from '../host/mount.ts';
import type {DriverKind, DriverProbe, RootfsDriver, View} from './driver.ts';

/** fuse-overlayfs in the user namespace: slower, for kernels and stores where the kernel's overlay does not work. */
export const fuseDriver: DriverKind = {
	name: 'fuse',
	mountless: false,
	probe,
	open({directory}) {
		const empty = `${directory}/empty`;
		mkdirSync(empty, {recursive: true});
		return driver(empty);
	},
};

function driver(empty: string): RootfsDriver {
	const writable = (directory: string): readonly string[] => {
		for (const name of ['upper', 'work']) mkdirSync(`${directory}/${name}`, {recursive: true});
		return [`upperdir=${directory}/upper`, `workdir=${directory}/work`];
	};
	return {
		name: 'fuse',
		uppersInStore: true,
		readsAnyMark: false,
		longestLower: 0,
		view: async (lowers, mountpoint) => serve([`lowerdir=${[...lowers, empty].join(':')}`], mountpoint),
		async root({lowers, directory}) {
			const served = await serve([`lowerdir=${lowers.join(':')}`, ...writable(directory)], `${directory}/merged`);
			let isServed = true;
			const close = async (): Promise<void> => {
				if (!isServed) return;
				isServed = false;
				await served.close();
			};
			return {
				mount: {kind: 'mounted', path: served.path},
				async changes() {
					await close();
					return `${directory}/upper`;
				},
				close,
			};
		},
		attach: ({lowers, mountpoint, write}) =>
			serve([`lowerdir=${[...lowers, empty].join(':')}`, ...(write === undefined ? [] : writable(write))], mountpoint),
		close: () => {},
	};
}

/** Runs fuse-overlayfs in the foreground, so that it ends with us, until the mount is there. */
async function serve(options: readonly string[], mountpoint: string): Promise<View> {
	mkdirSync(mountpoint, {recursive: true});
	const before = statSync(mountpoint).dev;
	const {execa} = await import('execa');
	const server = execa('fuse-overlayfs', ['-f', '-o', options.join(','), mountpoint], {
		stdin: 'ignore',
		stdout: 'ignore',
		stderr: 'pipe',
		reject: false,
	});
	let ended = false;
	void server.then(() => {
		ended = true;
	});
	for (let waited = 0; deviceOf(mountpoint) === before; waited++) {
		if (ended || waited > 2000) throw new Error(await wordsOf(server));
		await new Promise((resolve) => setTimeout(resolve, 3));
	}
	return {
		path: mountpoint,
		async close() {
			unmount(mountpoint);
			const {failed, signal, exitCode, stderr} = await server;
			// What a step saw and wrote after that is worth nothing, whatever it says itself.
			if (failed) throw new BuildError(envServerEnded('fuse-overlayfs', signal ?? `exit code ${exitCode}`, stderr.trim()));
		},
	};
}

/** Undefined for a mount whose server has ended already (ENOTCONN). */
function deviceOf(mountpoint: string): number | undefined {
	try {
		return statSync(mountpoint).dev;
	} catch {
		unmount(mountpoint);
		return statSync(mountpoint).dev;
	}
}

async function wordsOf(
	server: PromiseLike<{readonly stderr?: string; readonly code?: string | undefined}> & {kill(signal: 'SIGKILL'): boolean},
): Promise<string> {
	server.kill('SIGKILL');
	const {stderr = '', code} = await server;
	if (code === 'ENOENT') return 'fuse-overlayfs is not installed';
	return `fuse-overlayfs does not mount: ${stderr.trim() === '' ? 'it ended without a message' : stderr.trim()}`;
}

async function probe(directory: string): Promise<DriverProbe> {
	const at = (name: string) => `${directory}/${name}`;
	const obstacle = findObstacle();
	if (obstacle !== undefined) return {works: false, facts: [obstacle]};
	try {
		for (const name of ['lower/gone', 'lower/aged', 'upper', 'work']) mkdirSync(at(name), {recursive: true});
		for (const name of ['gone', 'aged']) writeFileSync(at(`lower/${name}/file`), 'x');
		utimesSync(at('lower/aged'), 0, 0);
		for (const name of ['linked', 'privileged']) writeFileSync(at(`lower/${name}`), 'x');
		linkSync(at('lower/linked'), at('lower/other'));
		chmodSync(at('lower/privileged'), 0o4755);
		const served = await serve([`lowerdir=${at('lower')}`, `upperdir=${at('upper')}`, `workdir=${at('work')}`], at('merged'));
		let faults: readonly string[];
		try {
			rmSync(at('merged/gone'), {recursive: true});
			writeFileSync(at('merged/new'), 'y');
			faults = findFaults(at('merged'));
		} finally {
			await served.close();
		}
		const kept = readFileSync(at('upper/new'), 'utf8') === 'y';
		// The kernel remembers for a while what fuse-overlayfs has said before.
		const isAged = statSync(at('upper/aged')).mtimeMs === 0;
		const aged = isAged ? [] : ['this fuse-overlayfs gives a lower directory another time when a file in it is changed'];
		return {
			works: kept,
			facts: [kept ? 'fuse-overlayfs works on the store' : 'fuse-overlayfs loses what is written'],
			faults: [...faults, ...aged],
		};
	} catch (error) {
		return {
			works: false,
			facts: [(error instanceof Error ? error.message.split('\n')[0] : undefined) ?? String(error)],
		};
	} finally {
		rmSync(directory, {recursive: true, force: true});
		mkdirSync(directory, {recursive: true});
	}
}

function findObstacle(): string | undefined {
	if (!existsSync('/dev/fuse')) return '/dev/fuse does not exist';
	try {
		accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
	} catch (error) {
		return `/dev/fuse cannot be opened: ${errnoOf(error)}`;
	}
	return undefined;
}

/** What fuse-overlayfs 1.10 does otherwise than the kernel's overlay, with files of the lowerdir that the probe has made. */
function findFaults(merged: string): readonly string[] {
	// Whoever has looked at all names first meets the first one.
	for (const name of readdirSync(merged)) statSync(`${merged}/${name}`);
	writeFileSync(`${merged}/linked`, 'z', {flag: 'a'});
	utimesSync(`${merged}/privileged`, 0, 0);
	writeFileSync(`${merged}/aged/file`, 'z', {flag: 'a'});
	const isApart = readFileSync(`${merged}/linked`, 'utf8') === 'xz' && readFileSync(`${merged}/other`, 'utf8') === 'x';
	const isPrivileged = (statSync(`${merged}/privileged`).mode & 0o4000) !== 0;
	return [
		...(isApart ? [] : ['this fuse-overlayfs lets a write to one name of a lower file with several names show under the others']),
		...(isPrivileged ? [] : ['this fuse-overlayfs takes the set-user-ID bit of a lower file away when it gets another time']),
	];
}
