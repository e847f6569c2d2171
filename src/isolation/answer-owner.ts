import {readFileSync} from 'node:fs';
import {type Owner, ownerOf} from '../core/owner-mark.ts';
import {writeMemoryOf} from '../host/process-memory.ts';
import {type Answer, type Caller, goOn, refuse, returns} from './answer.ts';
import type {Architecture} from './architecture.ts';
import {type Credentials, isPrivileged, keep} from './credentials.ts';
import type {ChangeArguments, TellArguments} from './file-arguments.ts';
import {type FileFacts, factsOf, isMarked, markOf, markOwner} from './file-owner.ts';
import {directPath, locate, withFile, withLocated} from './process-file.ts';

/** Where the ids stand in struct stat (of an architecture) and struct statx. */
const offsets = {x64: [28, 32], arm64: [24, 28], statx: [20, 24]} as const;

/** Tells whose a file is that has a mark. */
export function tell(request: TellArguments, caller: Caller, architecture: Architecture): Answer {
	const located = locate(request.file, caller.thread, {takesNoPath: true});
	const path = directPath(located, caller.thread);
	// Most files have no mark, and looking without opening them is a third of the work.
	if (path !== undefined && !isMarked(path, 'own' in located)) return goOn;
	return withLocated(located, caller.thread, (file) => {
		const mark = markOf(file);
		if (mark === undefined) return goOn;
		const result = request.form === 'stat' ? file.stat() : file.statx(request.flags, request.mask);
		const [uidAt, gidAt] = offsets[request.form === 'statx' ? 'statx' : architecture.name];
		const {uid, gid} = ownerOf(mark, {uid: result.readUInt32LE(uidAt), gid: result.readUInt32LE(gidAt)});
		result.writeUInt32LE(uid, uidAt);
		result.writeUInt32LE(gid, gidAt);
		writeMemoryOf(caller.thread, {address: request.to, bytes: result}, () => caller.isWaiting());
		return returns(0);
	});
}

/** Gives a file to somebody. `placeholder`: whom the kernel is told instead. `who`: undefined where the kernel knows who asks. */
export function change(request: ChangeArguments, caller: Caller, placeholder: Owner, who: Credentials | undefined): Answer {
	return withFile(request.file, caller.thread, (file) => {
		if ('descriptor' in request.file && isPathOnly(caller.thread, request.file.descriptor)) return refuse('EBADF');
		// The kernel asks for rights only when an id changes.
		if (request.uid === keep && request.gid === keep) return goOn;
		// The number of a process that has ended may be another's by now.
		if (!caller.isWaiting()) return goOn;
		const before = factsOf(file);
		// Where stat is not asked for an answer, whoever read the placeholder and writes it means what is there.
		const isTold = (id: number): number => (who === undefined ? id : keep);
		const uid = wantedId(request.uid, before.uid, isTold(placeholder.uid));
		const gid = wantedId(request.gid, before.gid, isTold(placeholder.gid));
		if (!(who === undefined ? hasChownCapability(caller.thread) : mayGive(who, before, {uid, gid}))) return refuse('EPERM');
		// The kernel's part: the file is copied up, set-user-ID bits and capabilities go.
		file.chown(placeholder.uid, placeholder.gid);
		markOwner(file, before.mode, {uid, gid}, placeholder);
		return returns(0);
	});
}

/** A descriptor opened with O_PATH stands for a file that fchown(2) does not take; fchownat does (open(2), proc_pid_fdinfo(5)). */
function isPathOnly(thread: number, descriptor: number): boolean {
	const [, flags = '0'] = /^flags:\s*([0-7]+)$/mv.exec(readFileSync(`/proc/${thread}/fdinfo/${descriptor}`, 'latin1')) ?? [];
	return (Number.parseInt(flags, 8) & 0o10_000_000) !== 0;
}

function wantedId(wanted: number, before: number, alsoBefore: number): number {
	return wanted === keep || wanted === alsoBefore ? before : wanted;
}

/** An owner may give a file to a group of its own (chown(2)). */
function mayGive(who: Credentials, {uid, gid}: FileFacts, to: Owner): boolean {
	if (isPrivileged(who)) return true;
	return who.user.file === uid && to.uid === uid && [gid, who.group.file, ...who.groups].includes(to.gid);
}

/** The lowest bit of the effective capabilities (proc_pid_status(5), capabilities(7)). */
function hasChownCapability(thread: number): boolean {
	const [, digits = '0'] = /^CapEff:\s*([0-9a-f]+)$/mv.exec(readFileSync(`/proc/${thread}/status`, 'latin1')) ?? [];
	return (BigInt(`0x${digits}`) & 1n) === 1n;
}
