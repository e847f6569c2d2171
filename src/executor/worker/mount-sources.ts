import {chmodSync, closeSync, fstatSync, mkdirSync, readlinkSync, writeFileSync} from 'node:fs';
import {relative} from 'node:path';
import {stepMountSource} from '../../diagnostics/mount.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {errnoOf} from '../../host/errno.ts';
import {mount, mountFlags, unmount} from '../../host/mount.ts';
import {openInRoot} from '../../host/open-in-root.ts';
import {openBeneath, openPathOnly} from '../../host/walk-beneath.ts';
import {startAgentProxy} from './agent-proxy.ts';
import {giveAttributes, type HeldCache, makeOnce} from './cache-directory.ts';
import type {AgentRequest, CacheRequest, SecretRequest, SelectedFiles, TmpfsRequest, TreeRequest} from './mount-request.ts';
import {packSources} from './pack-sources.ts';
import type {Stack} from './protocol.ts';
import type {Session} from './session.ts';

/** What a step mounts, ready: a path of the worker, and how it ends. */
export interface MountSource {
	readonly path: string;
	readonly kind: 'file' | 'directory';
	close(): Promise<void> | void;
}

/** A copy of selected files: what changes in the context meanwhile does not matter, and what the step writes is thrown away. */
export async function copyFilesSource(session: Session, selected: SelectedFiles): Promise<MountSource> {
	const {layers, pool, scaffold, ids} = session;
	const {root, item, mtime} = selected;
	const directory = diskDirectory(session);
	const held = layers.fresh();
	const files = pool.idlest();
	const destination = item.isDirectory ? '/content/' : '/content';
	const sources = packSources([{root, item, unpack: false}]);
	const rest = {lower: null, emptyRoot: scaffold.lower, inline: [], several: false, keepOwner: false, link: true};
	await files.run('copy', {directory, sources, destination, ...rest, held, mtime, ids});
	await files.run('release', {held});
	return {
		path: `${directory}/content`,
		kind: item.isDirectory ? 'directory' : 'file',
		close: () => discard(session, directory),
	};
}

/** A path of another stack; with `write` on top of it a place for what the step writes. */
export async function treeSource(
	session: Session,
	{stack, path, target}: Pick<TreeRequest, 'stack' | 'path' | 'target'>,
	write: boolean,
): Promise<MountSource> {
	const tree = await attachTree(session, stack, write);
	try {
		const bound = bindPath(session, openSource(tree.path, path, target));
		return {
			...bound,
			async close() {
				bound.close();
				await tree.close();
			},
		};
	} catch (error) {
		await tree.close();
		throw error;
	}
}

export async function cacheSource(
	session: Session,
	request: CacheRequest,
	{directory}: HeldCache,
	signal: AbortSignal,
): Promise<MountSource> {
	await makeOnce(directory, (fresh) => fillCache(session, request, fresh), signal);
	try {
		// Another step that has the cache, too, may delete the directory in between.
		return bindPath(session, openBeneath(directory, request.path));
	} catch (error) {
		throw new BuildError(stepMountSource(request.target, request.path, errnoOf(error)), {cause: error});
	}
}

export function tmpfsSource(session: Session, {size}: TmpfsRequest): MountSource {
	const path = session.mounts.fresh();
	if (!session.canMount) {
		chmodSync(path, 0o1777);
		return {path, kind: 'directory', close: () => {}};
	}
	mount('tmpfs', path, 'tmpfs', mountFlags.noSetuid | mountFlags.noDevices, `mode=1777${size === undefined ? '' : `,size=${size}`}`);
	return {path, kind: 'directory', close: () => unmount(path)};
}

/** The file is on the worker's tmpfs, where there is one. */
export function secretSource(session: Session, {content, attributes, target}: SecretRequest): MountSource {
	const path = `${session.mounts.fresh()}/secret`;
	writeFileSync(path, content, {mode: 0o600, flag: 'wx'});
	giveAttributes(path, attributes, target);
	return {
		path,
		kind: 'file',
		close: () => writeFileSync(path, ''),
	};
}

export async function agentSource(session: Session, {socket, attributes, target}: AgentRequest): Promise<MountSource> {
	const path = `${session.mounts.fresh()}/agent`;
	const proxy = await startAgentProxy(relative(process.cwd(), path), socket);
	try {
		giveAttributes(path, attributes, target);
	} catch (error) {
		proxy.close();
		throw error;
	}
	return {path, kind: 'file', close: () => proxy.close()};
}

async function fillCache(session: Session, {seed, attributes, target}: CacheRequest, fresh: string): Promise<void> {
	if (seed !== undefined) {
		const source = await (seed.kind === 'files' ? copyFilesSource(session, seed) : treeSource(session, {...seed, target}, false));
		try {
			if (source.kind === 'file') throw new BuildError(stepMountSource(target, seed.kind === 'files' ? '' : seed.path, 'ENOTDIR'));
			await session.pool.idlest().run('merge', {root: source.path, directory: fresh, ids: session.ids});
		} finally {
			await source.close();
		}
	}
	giveAttributes(fresh, attributes, target);
}

/** The merged file system of a stack, mounted in the worker's namespace; where nothing can be mounted nothing can be read-only either, so it is a copy. */
async function attachTree(session: Session, stack: Stack, wanted: boolean): Promise<{readonly path: string; close(): Promise<void>}> {
	const {layers, driver, mounts} = session;
	const write = wanted || !session.canMount;
	// By short names: the option string of an overlay ends at 4095 bytes.
	const links = (await layers.lowers(stack)).map((path) => layers.link(path));
	const mountpoint = `${mounts.fresh()}/tree`;
	const directory = write ? diskDirectory(session) : undefined;
	const writing = directory === undefined ? {} : {write: layers.link(directory)};
	const leave = await layers.gate.read();
	try {
		const view = await driver.attach({lowers: links.length === 0 ? [mounts.fresh()] : links, mountpoint, ...writing});
		return {
			path: view.path,
			async close() {
				await view.close();
				if (directory !== undefined) await discard(session, directory);
			},
		};
	} finally {
		leave();
	}
}

/** Resolves once, with every symlink inside the root, to a descriptor. */
function openSource(root: string, path: string, target: string): number {
	try {
		return openInRoot(root, path === '' ? '.' : path, openPathOnly);
	} catch (error) {
		throw new BuildError(stepMountSource(target, path, errnoOf(error)), {cause: error});
	}
}

/** Binds what a descriptor is open on, and closes it; where nothing can be mounted, its own path. */
function bindPath(session: Session, fd: number): MountSource & {close(): void} {
	try {
		const isDirectory = fstatSync(fd).isDirectory();
		const kind = isDirectory ? 'directory' : 'file';
		if (!session.canMount) return {path: readlinkSync(`/proc/self/fd/${fd}`), kind, close: () => {}};
		const path = `${session.mounts.fresh()}/source`;
		if (isDirectory) mkdirSync(path);
		else writeFileSync(path, '');
		mount(`/proc/self/fd/${fd}`, path, null, mountFlags.bind);
		return {path, kind, close: () => unmount(path)};
	} finally {
		closeSync(fd);
	}
}

function diskDirectory(session: Session): string {
	const directory = `${session.directory}/s${session.layers.fresh()}`;
	mkdirSync(directory);
	return directory;
}

async function discard(session: Session, directory: string): Promise<void> {
	await session.pool.idlest().run('remove', {path: directory});
}
