import {closeSync, constants, mkdirSync, openSync, readFileSync, symlinkSync} from 'node:fs';
import type {Owner} from '../core/owner-mark.ts';
import {makeFifo} from '../host/file-calls.ts';
import {PathDescriptor} from '../host/path-descriptor.ts';
import {readMemoryOf, readPathOf} from '../host/process-memory.ts';
import {type Answer, type Caller, goOn, refuse, returns} from './answer.ts';
import {canReach, somebodyOf} from './answer-access.ts';
import {isAllowed, rights} from './credentials.ts';
import type {CreateArguments} from './file-arguments.ts';
import {factsOf, markOwner} from './file-owner.ts';
import type {Identities} from './identities.ts';
import {withFile, withParent} from './process-file.ts';

const {O_CREAT, O_EXCL, O_TRUNC} = constants;
const closeOnExec = 0o2_000_000;
/** O_TMPFILE without O_DIRECTORY (open(2)). */
const temporary = 0o20_000_000;
const setGroupId = 0o2000;
const format = {mask: 0o170_000, file: 0o100_000, directory: 0o040_000, fifo: 0o010_000, symlink: 0o120_000} as const;
const isRoot: Owner = {uid: 0, gid: 0};

/**
 * Makes for a process what would not belong to root, because the kernel would give it to root; whatever else there is to say about the call
 * the kernel says. The umask of this thread must be 0.
 */
export function create(request: CreateArguments, caller: Caller, identities: Identities): Answer {
	const described = request.what === 'described' ? readDescribed(request, caller.thread) : request;
	if (described === undefined) return goOn;
	if (described.what === 'file' && (described.flags & temporary) !== 0) return createUnnamed(described, caller, identities);
	const where = {place: described.place, isDirectory: described.what === 'directory'};
	return withParent(where, caller.thread, (directory, name) => {
		const maker = new Maker(directory, caller, identities);
		return maker.existing(name, described) ?? maker.make(name, described);
	});
}

type Described = Exclude<CreateArguments, {readonly what: 'described'}>;
type FileArguments = Extract<CreateArguments, {readonly what: 'file'}>;

/** struct open_how: flags, mode, how the path is resolved (openat2(2)). Undefined for what makes nothing, or has conditions for its path. */
function readDescribed({place, how}: Extract<CreateArguments, {readonly what: 'described'}>, thread: number): FileArguments | undefined {
	const bytes = readMemoryOf(thread, how, 24);
	const [flags, mode, resolve] = [0, 8, 16].map((at) => Number(bytes.readBigUInt64LE(at)));
	if (flags === undefined || mode === undefined || resolve !== 0 || (flags & (O_CREAT | temporary)) === 0) return undefined;
	return {what: 'file', place, flags, mode};
}

/** A file without a name in the directory that the path means. */
function createUnnamed({place, flags, mode}: FileArguments, caller: Caller, identities: Identities): Answer {
	return withFile(place, caller.thread, (directory) => {
		const maker = new Maker(directory, caller, identities);
		return maker.whyNot() ?? maker.open(Buffer.from(`/proc/self/fd/${directory.number}`), flags, mode);
	});
}

/** Makes things in one directory. */
class Maker {
	readonly #directory: PathDescriptor;
	readonly #caller: Caller;
	readonly #owner: Owner;
	readonly #who: ReturnType<typeof somebodyOf>;

	constructor(directory: PathDescriptor, caller: Caller, identities: Identities) {
		const hasOwnGroup = (directory.facts().mode & setGroupId) !== 0;
		this.#directory = directory;
		this.#caller = caller;
		this.#who = somebodyOf(identities.of(caller.thread));
		this.#owner = {uid: this.#who.user, gid: hasOwnGroup ? factsOf(directory).gid : this.#who.group};
	}

	/** Why nothing is made here, if so: it would be root's, or the directory forbids it. */
	whyNot(): Answer | undefined {
		if (this.#owner.uid === 0 && this.#owner.gid === 0) return goOn;
		if (this.#who.user === 0) return undefined;
		const mayMake = isAllowed(factsOf(this.#directory), this.#who, rights.write | rights.execute);
		return mayMake && canReach(this.#directory, this.#who, this.#caller) ? undefined : refuse('EACCES');
	}

	/** The answer where something has the name already, which only an open can use. */
	existing(name: string, request: Described): Answer | undefined {
		if (this.#owner.uid === 0 && this.#owner.gid === 0) return goOn;
		const found = openIfThere(this.#directory, name);
		try {
			if (found === undefined) return this.whyNot();
			if (request.what !== 'file' || this.#who.user === 0 || (request.flags & O_EXCL) !== 0) return goOn;
			const facts = factsOf(found);
			const asked = [rights.read, rights.write, rights.read | rights.write][request.flags & 3] ?? 0;
			const wanted = (request.flags & O_TRUNC) === 0 ? asked : asked | rights.write;
			const isForbidden = (facts.mode & format.mask) !== format.symlink && !isAllowed(facts, this.#who, wanted);
			return isForbidden ? refuse('EACCES') : goOn;
		} finally {
			found?.close();
		}
	}

	make(name: string, request: Described): Answer {
		const at = this.#directory.at(name);
		if (!this.#caller.isWaiting()) return goOn;
		switch (request.what) {
			case 'file':
				return this.open(at, request.flags | O_EXCL, request.mode);
			case 'directory':
				mkdirSync(at, {mode: this.#masked(request.mode & 0o1777)});
				return this.#mark(name, format.directory);
			case 'symlink':
				symlinkSync(Buffer.from(readPathOf(this.#caller.thread, request.target), 'latin1'), at);
				return this.#mark(name, format.symlink);
			case 'node': {
				// Devices the kernel refuses, and no layer has sockets; without a type it is a regular file (mknod(2)).
				const type = request.mode & format.mask;
				if (type === format.fifo) makeFifo(at, this.#masked(request.mode));
				else if (type !== 0 && type !== format.file) return goOn;
				else new PathDescriptor(openSync(at, O_CREAT | O_EXCL, this.#masked(request.mode))).close();
				return this.#mark(name, type);
			}
		}
	}

	/** Opens a new file for the process. */
	open(at: Buffer, flags: number, mode: number): Answer {
		const descriptor = openSync(at, flags, this.#masked(mode));
		try {
			markOwner(new PathDescriptor(descriptor), format.file, this.#owner, isRoot);
		} catch (error) {
			closeSync(descriptor);
			throw error;
		}
		return {kind: 'descriptor', descriptor, closesOnExec: (flags & closeOnExec) !== 0};
	}

	#mark(name: string, type: number): Answer {
		const made = openIfThere(this.#directory, name);
		if (made !== undefined) {
			try {
				markOwner(made, type === 0 ? format.file : type, this.#owner, isRoot);
			} finally {
				made.close();
			}
		}
		return returns(0);
	}

	#masked(mode: number): number {
		return mode & 0o7777 & ~umaskOf(this.#caller.thread);
	}
}

function openIfThere(directory: PathDescriptor, name: string): PathDescriptor | undefined {
	try {
		return directory.openBeneath(Buffer.from(name, 'latin1'), {followLast: false});
	} catch {
		return undefined;
	}
}

/** The line is there since Linux 4.7 (proc_pid_status(5)). */
function umaskOf(thread: number): number {
	return Number.parseInt(/^Umask:\s*([0-7]+)$/mv.exec(readFileSync(`/proc/${thread}/status`, 'latin1'))?.[1] ?? '022', 8);
}
