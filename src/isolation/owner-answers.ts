import koffi from 'koffi';
import {readFileSync, readlinkSync} from 'node:fs';
import {inodeKey} from '../host/file-stat.ts';
import {libc, SystemCallError} from '../host/libc.ts';
import {PathDescriptor} from '../host/path-descriptor.ts';
import {readPathOf, writeMemoryOf} from '../host/process-memory.ts';
import type {Architecture} from './architecture.ts';
import {ownerCall} from './owner-filter.ts';
import {type FilePlace, type OwnerRequest, readOwnerRequest, unchanged} from './owner-request.ts';

const ioctl = libc.func('int ioctl(int descriptor, ulong request, void *argument)') as (
	descriptor: number,
	request: number,
	argument: Buffer,
) => number;
/** SECCOMP_IOCTL_NOTIF_RECV, _SEND and _ID_VALID; struct seccomp_notif and seccomp_notif_resp (seccomp_unotify(2)). */
const receive = 0xc050_2100;
const send = 0xc018_2101;
const isValid = 0x4008_2102;
const notificationSize = 80;
const responseSize = 24;
/** SECCOMP_USER_NOTIF_FLAG_CONTINUE: the kernel makes the call itself. */
const goOn = 1;

export interface OwnerRules {
	/** Name of the xattr that notes an owner as `uid:gid`. */
	readonly xattr: string;
	/** Whom the step stands in for: somebody else than root may not give files away. */
	readonly actingFor?: {readonly uid: number; readonly gid: number};
}

/** Owners of what cannot have a user xattr (symlinks, fifos), by inodeKey. */
export type OwnersByInode = Map<string, string>;

/** Answers the calls about owners of one step: owners are noted on the files, and whoever asks is told those. */
export class OwnerAnswers {
	readonly owners: OwnersByInode = new Map();
	readonly #listener: number;
	readonly #rules: OwnerRules;
	readonly #architecture: Architecture;

	constructor(listener: number, rules: OwnerRules, architecture: Architecture) {
		this.#listener = listener;
		this.#rules = rules;
		this.#architecture = architecture;
	}

	/** Answers the next call; there must be one. */
	answer(): void {
		const notification = Buffer.alloc(notificationSize);
		// Whoever asked may be gone already (ENOENT).
		if (ioctl(this.#listener, receive, notification) < 0) return;
		const id = notification.subarray(0, 8);
		const call = ownerCall(notification.readInt32LE(16), this.#architecture);
		const response = Buffer.alloc(responseSize);
		id.copy(response, 0);
		const values = [0, 1, 2, 3, 4, 5].map((index) => notification.readBigUInt64LE(32 + 8 * index));
		if (call === undefined) response.writeUInt32LE(goOn, 20);
		else this.#decide(readOwnerRequest(call, values), notification.readUInt32LE(8), id, response);
		ioctl(this.#listener, send, response);
	}

	#decide(request: OwnerRequest, process: number, id: Buffer, response: Buffer): void {
		try {
			const isAnswered = request.kind === 'change' ? this.#change(request, process, id) : this.#tell(request, process, id);
			if (!isAnswered) response.writeUInt32LE(goOn, 20);
		} catch (error) {
			// Whatever is wrong with a question, the kernel says it best.
			if (request.kind === 'tell') response.writeUInt32LE(goOn, 20);
			else response.writeInt32LE(-errnoOf(error), 16);
		}
	}

	#change({file: place, uid, gid}: Extract<OwnerRequest, {kind: 'change'}>, process: number, id: Buffer): boolean {
		const {xattr, actingFor} = this.#rules;
		return this.#withFile(place, process, (file) => {
			// The number of a process that has ended may be another's by now.
			if (!this.#isWaiting(id)) return true;
			const {isPlain} = file.identity();
			const before = (isPlain ? file.getXattr(xattr) : this.#ownerElsewhere(file)) ?? '0:0';
			const [oldUid = 0, oldGid = 0] = before.split(':').map(Number);
			if (actingFor !== undefined) {
				// What it made is shown as root's until the step ends.
				if ([unchanged, oldUid, actingFor.uid].includes(uid) && [unchanged, oldGid, actingFor.gid].includes(gid)) return true;
				throw new SystemCallError('chown', koffi.os.errno['EPERM'] ?? 1);
			}
			// The kernel's part: rights are checked, the file is copied up, set-user-ID bits and capabilities go.
			file.chown(0, 0);
			const after = `${uid === unchanged ? oldUid : uid}:${gid === unchanged ? oldGid : gid}`;
			// Only now is it the inode that stays.
			if (!isPlain) this.owners.set(inodeKey(file.identity()), after);
			else if (after !== before) note(file, xattr, after);
			return true;
		});
	}

	/** False when nothing is known about the owner but what the kernel says. */
	#tell(request: Extract<OwnerRequest, {kind: 'tell'}>, process: number, id: Buffer): boolean {
		return this.#withFile(request.file, process, (file) => {
			const known = file.getXattr(this.#rules.xattr) ?? this.#ownerElsewhere(file);
			if (known === undefined) return false;
			const [uid = 0, gid = 0] = known.split(':').map(Number);
			const result = request.form === 'stat' ? file.stat() : file.statx(request.flags, request.mask);
			const [uidAt, gidAt] = offsets[request.form === 'statx' ? 'statx' : this.#architecture.name];
			result.writeUInt32LE(uid, uidAt);
			result.writeUInt32LE(gid, gidAt);
			writeMemoryOf(process, {address: request.to, bytes: result}, () => this.#isWaiting(id));
			return true;
		});
	}

	#ownerElsewhere(file: PathDescriptor): string | undefined {
		if (this.owners.size === 0) return undefined;
		const {isPlain, ...identity} = file.identity();
		return isPlain ? undefined : this.owners.get(inodeKey(identity));
	}

	#isWaiting(id: Buffer): boolean {
		return ioctl(this.#listener, isValid, id) === 0;
	}

	#withFile<T>(place: FilePlace, process: number, work: (file: PathDescriptor) => T): T {
		const file = openPlace(place, process);
		try {
			return work(file);
		} finally {
			file.close();
		}
	}
}

/** Where the ids stand in struct stat (of an architecture) and struct statx. */
const offsets = {x64: [28, 32], arm64: [24, 28], statx: [20, 24]} as const;

function errnoOf(error: unknown): number {
	if (error instanceof SystemCallError) return error.errno;
	return Math.abs((error as NodeJS.ErrnoException).errno ?? koffi.os.errno['EIO'] ?? 5);
}

function note(file: PathDescriptor, xattr: string, owner: string): void {
	try {
		if (owner === '0:0') file.removeXattr(xattr);
		else file.setXattr(xattr, owner);
	} catch (error) {
		// File systems without user xattrs, as a tmpfs, are no part of a layer.
		if (!(error instanceof SystemCallError) || error.code !== 'EOPNOTSUPP') throw error;
	}
}

/** Names of what a process has open itself: its working directory, its root, its descriptors, and a path below them. */
const ownNames = /^\/(?:proc\/(self|thread-self|\d+)\/(cwd|root|fd\/\d+)|dev\/(fd\/\d+|stdin|stdout|stderr))(?:\/+(.*))?$/sv;
const standardStreams: Readonly<Record<string, string>> = {stdin: 'fd/0', stdout: 'fd/1', stderr: 'fd/2'};

/** The file that a call means, found as the process sees it. */
function openPlace(place: FilePlace, process: number): PathDescriptor {
	if ('descriptor' in place) return openOwn(process, `fd/${place.descriptor}`);
	const path = readPathOf(process, place.path);
	const from = place.from === 'cwd' ? 'cwd' : `fd/${place.from}`;
	if (path === '') {
		if (!place.mayBeEmpty) throw new SystemCallError('open', koffi.os.errno['ENOENT'] ?? 2);
		return openOwn(process, from);
	}
	try {
		return openPath(process, {from, path}, place);
	} catch (error) {
		// The builder is no process of the step's /proc, so nothing is `self` there.
		const [, owner, ofProcess, ofDevices = '', below] = ownNames.exec(path) ?? [];
		if (ofProcess === undefined && ofDevices === '') throw error;
		if (owner !== undefined && /^\d/v.test(owner) && owner !== numberInStep(process)) throw error;
		const own = ofProcess ?? standardStreams[ofDevices] ?? ofDevices;
		if (below !== undefined) return openPath(process, {from: own, path: below === '' ? '.' : below}, place);
		if (!place.followLast) throw error;
		return openOwn(process, own);
	}
}

/** `from`: what of the process's own a relative path starts at; `path` in latin1 bytes. */
function openPath(
	process: number,
	{from, path}: {readonly from: string; readonly path: string},
	place: {readonly followLast: boolean},
): PathDescriptor {
	const root = `/proc/${process}/root`;
	const inRoot = (absolute: string): PathDescriptor => PathDescriptor.openInRoot(root, Buffer.from(absolute, 'latin1'), place);
	if (path.startsWith('/')) return inRoot(path);
	const start = openOwn(process, from);
	try {
		return start.openBeneath(Buffer.from(path, 'latin1'), place);
	} catch (error) {
		// EAGAIN: `..` while something was renamed.
		if (!(error instanceof SystemCallError) || !['EXDEV', 'EAGAIN'].includes(error.code)) throw error;
		return inRoot(`${seenFrom(linkOf(`/proc/${process}/${from}`), linkOf(root))}/${path}`);
	} finally {
		start.close();
	}
}

function openOwn(process: number, own: string): PathDescriptor {
	try {
		return PathDescriptor.open(`/proc/${process}/${own}`);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new SystemCallError('open', koffi.os.errno['EBADF'] ?? 9);
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
