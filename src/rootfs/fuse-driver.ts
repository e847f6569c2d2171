import {existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {execa} from 'execa';
import {BuildError} from '../diagnostics/build-error.ts';
import {envServerEnded} from '../diagnostics/env.ts';
import {unmount} from '../host/mount.ts';
import type {DriverKind, DriverProbe, RootfsDriver, View} from './driver.ts';

/** fuse-overlayfs in the user namespace: slower, for kernels and stores where the kernel's overlay does not work. */
export const fuseDriver: DriverKind = {
	name: 'fuse',
	probe,
	open(directory) {
		const empty = `${directory}/empty`;
		mkdirSync(empty, {recursive: true});
		return driver(empty);
	},
};

function driver(empty: string): RootfsDriver {
	return {
		name: 'fuse',
		view: async (lowers, mountpoint) => serve([`lowerdir=${[...lowers, empty].join(':')}`], mountpoint),
		async root({lowers, upper, work, mountpoint}) {
			const served = await serve([`lowerdir=${lowers.join(':')}`, `upperdir=${upper}`, `workdir=${work}`], mountpoint);
			return {mount: {kind: 'mounted', path: served.path}, close: served.close};
		},
		attach: ({lowers, mountpoint, write}) => {
			const writing = write === undefined ? [] : [`upperdir=${write.upper}`, `workdir=${write.work}`];
			return serve([`lowerdir=${[...lowers, empty].join(':')}`, ...writing], mountpoint);
		},
	};
}

/** Runs fuse-overlayfs in the foreground, so that it ends with us, until the mount is there. */
async function serve(options: readonly string[], mountpoint: string): Promise<View> {
	mkdirSync(mountpoint, {recursive: true});
	const before = statSync(mountpoint).dev;
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
	for (let waited = 0; statSync(mountpoint).dev === before; waited++) {
		if (ended || waited > 2000) throw new Error(`fuse-overlayfs did not mount: ${await wordsOf(server)}`);
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

async function wordsOf(server: PromiseLike<{readonly stderr?: string}> & {kill(signal: 'SIGKILL'): boolean}): Promise<string> {
	server.kill('SIGKILL');
	const {stderr = ''} = await server;
	return stderr.trim() === '' ? 'it ended without a message' : stderr.trim();
}

async function probe(directory: string): Promise<DriverProbe> {
	const at = (name: string) => `${directory}/${name}`;
	if (!existsSync('/dev/fuse')) return {works: false, facts: ['/dev/fuse does not exist']};
	try {
		for (const name of ['lower/gone', 'upper', 'work', 'merged']) mkdirSync(at(name), {recursive: true});
		writeFileSync(at('lower/gone/file'), 'x');
		const served = await serve([`lowerdir=${at('lower')}`, `upperdir=${at('upper')}`, `workdir=${at('work')}`], at('merged'));
		try {
			rmSync(at('merged/gone'), {recursive: true});
			writeFileSync(at('merged/new'), 'y');
		} finally {
			await served.close();
		}
		const kept = readFileSync(at('upper/new'), 'utf8') === 'y';
		return {works: kept, facts: [kept ? 'fuse-overlayfs works on the store' : 'fuse-overlayfs lost a write on the store']};
	} catch (error) {
		return {
			works: false,
			facts: [`fuse-overlayfs does not work: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`],
		};
	} finally {
		rmSync(directory, {recursive: true, force: true});
		mkdirSync(directory, {recursive: true});
	}
}
