import {readFileSync, readlinkSync} from 'node:fs';
import {errnoNumber, SystemCallError} from '../host/libc.ts';
import {PathDescriptor} from '../host/path-descriptor.ts';
import {readPathOf} from '../host/process-memory.ts';
import type {FilePlace, PathPlace} from './file-arguments.ts';

/** Names of what a process has open itself: its working directory, its root, its descriptors, and a path below them. */
const ownNames = /^\/(?:proc\/(self|thread-self|\d+)\/(cwd|root|fd\/\d+)|dev\/(fd\/\d+|stdin|stdout|stderr))(?:\/+(.*))?$/sv;
const standardStreams: Readonly<Record<string, string>> = {stdin: 'fd/0', stdout: 'fd/1', stderr: 'fd/2'};

/** Where a file is: something that the process has open itself, as `fd/3`, or at a path. */
export type Located = {readonly own: string} | (Path & {readonly followLast: boolean});

/** Where a call says its file is. Calls that tell something take no path at all for an empty one (stat(2), Linux 6.11). */
export function locate(place: FilePlace, process: number, {takesNoPath = false}: {readonly takesNoPath?: boolean} = {}): Located {
	if ('descriptor' in place) return {own: `fd/${place.descriptor}`};
	if (takesNoPath && place.path === 0n && place.mayBeEmpty) return {own: startOf(place)};
	const path = readPathOf(process, place.path);
	if (path !== '') return {from: startOf(place), path, followLast: place.followLast};
	if (!place.mayBeEmpty) throw failure('ENOENT');
	return {own: startOf(place)};
}

/** A path of the builder that leads to the file with nothing on the way that a process sees elsewhere; undefined when there is none. */
export function directPath(located: Located, process: number): Buffer | undefined {
	if ('own' in located) return Buffer.from(`/proc/${process}/${located.own}`, 'latin1');
	const {from, path, followLast} = located;
	if (followLast || path.includes('/') || path === '..') return undefined;
	return Buffer.from(`/proc/${process}/${from}/${path}`, 'latin1');
}

/** Opens a file as the process sees it, gives it to `work` and closes it. */
export function withLocated<T>(located: Located, process: number, work: (file: PathDescriptor) => T): T {
	return using('own' in located ? openOwn(process, located.own) : openAt(process, located, located.followLast), work);
}

/** The same for the file that a call means. */
export function withFile<T>(place: FilePlace, process: number, work: (file: PathDescriptor) => T): T {
	return withLocated(locate(place, process), process, work);
}

/** The directory in which a call makes something, and the name there (latin1). Throws for a path that can name nothing new of its kind. */
export function withParent<T>(
	{place, isDirectory}: {readonly place: PathPlace; readonly isDirectory: boolean},
	process: number,
	work: (directory: PathDescriptor, name: string) => T,
): T {
	const text = readPathOf(process, place.path);
	// A slash at the end stands for a directory.
	const path = isDirectory ? text.replace(/\/+$/v, '') : text;
	const end = path.lastIndexOf('/');
	const name = path.slice(end + 1);
	if (['', '.', '..'].includes(name)) throw failure('ENOENT');
	const directory = end === -1 ? '.' : path.slice(0, end + 1);
	return using(openAt(process, {from: startOf(place), path: directory}, true), (parent) => work(parent, name));
}

function using<T>(file: PathDescriptor, work: (file: PathDescriptor) => T): T {
	try {
		return work(file);
	} finally {
		file.close();
	}
}

function startOf({from}: PathPlace): string {
	return from === 'cwd' ? 'cwd' : `fd/${from}`;
}

interface Path {
	/** What of the process's own a relative path starts at. */
	readonly from: string;
	/** latin1 bytes. */
	readonly path: string;
}

function openAt(process: number, {from, path}: Path, followLast: boolean): PathDescriptor {
	try {
		return openPath(process, {from, path}, {followLast});
	} catch (error) {
		// The builder is no process of the step's /proc, so nothing is `self` there.
		const [, owner, ofProcess, ofDevices = '', below] = ownNames.exec(path) ?? [];
		if (ofProcess === undefined && ofDevices === '') throw error;
		if (owner !== undefined && /^\d/v.test(owner) && owner !== numberInStep(process)) throw error;
		const own = ofProcess ?? standardStreams[ofDevices] ?? ofDevices;
		if (below !== undefined) return openPath(process, {from: own, path: below === '' ? '.' : below}, {followLast});
		if (!followLast) throw error;
		return openOwn(process, own);
	}
}

function openPath(process: number, {from, path}: Path, last: {readonly followLast: boolean}): PathDescriptor {
	const root = `/proc/${process}/root`;
	const inRoot = (absolute: string): PathDescriptor => PathDescriptor.openInRoot(root, Buffer.from(absolute, 'latin1'), last);
	if (path.startsWith('/')) return inRoot(path);
	const start = openOwn(process, from);
	try {
		return start.openBeneath(Buffer.from(path, 'latin1'), last);
	} catch (error) {
		// EAGAIN: `..` while something was renamed.
		if (!(error instanceof SystemCallError) || !['EXDEV', 'EAGAIN'].includes(error.code)) throw error;
		return inRoot(`${seenFrom(linkOf(`/proc/${process}/${from}`), linkOf(root))}/${path}`);
	} finally {
		start.close();
	}
}

/** Directories on the way from a process's root to a file, outermost first, one after the other. */
export function* waysTo(file: PathDescriptor, process: number): Generator<PathDescriptor> {
	const root = `/proc/${process}/root`;
	const names = seenFrom(linkOf(`/proc/self/fd/${file.number}`), linkOf(root))
		.split('/')
		.slice(1, -1);
	for (let depth = 0; depth <= names.length; depth++) {
		const path = `/${names.slice(0, depth).join('/')}`;
		const directory = PathDescriptor.openInRoot(root, Buffer.from(path, 'latin1'), {followLast: false});
		try {
			yield directory;
		} finally {
			directory.close();
		}
	}
}

function openOwn(process: number, own: string): PathDescriptor {
	try {
		return PathDescriptor.open(`/proc/${process}/${own}`);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw failure('EBADF');
		throw error;
	}
}

/** The number that a process (the thread group of a thread) has in its own process namespace (proc_pid_status(5)). */
function numberInStep(process: number): string | undefined {
	return /^NStgid:.*\t(\d+)$/mv.exec(readFileSync(`/proc/${process}/status`, 'latin1'))?.[1];
}

function linkOf(path: string): string {
	return readlinkSync(path, 'latin1');
}

/** A path of the step's mount namespace as a process sees it whose root may be another directory. */
function seenFrom(path: string, root: string): string {
	return root !== '/' && `${path}/`.startsWith(`${root}/`) ? path.slice(root.length) || '/' : path;
}

function failure(code: 'ENOENT' | 'EBADF'): SystemCallError {
	return new SystemCallError('open', errnoNumber(code) ?? 2);
}
