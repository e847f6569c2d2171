import {closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, writeFileSync} from 'node:fs';
import {delimiter} from 'node:path';
import {errnoOf} from '../../host/errno.ts';
import {mount, mountFlags} from '../../host/mount.ts';
import type {Foreign} from './protocol.ts';
import {entryRuns, type ForeignPrograms, foreignPrograms, registration} from '../../isolation/foreign-programs.ts';

const ofMachine = '/proc/sys/fs/binfmt_misc';

/**
 * Lets steps run programs of other architectures: by an interpreter that the machine has registered for all, or else by QEMU, registered for the
 * worker's own user namespace alone (Linux 6.7; the namespace's first binfmt_misc mount makes it independent of the machine's).
 */
export class Emulation {
	readonly #directory: string;
	readonly #canRegister: boolean;
	readonly #facts = new Map<string, readonly string[]>();
	#isMounted = false;

	/** `directory` does not exist yet. `canRegister`: the worker has a user namespace of its own. */
	constructor(directory: string, canRegister: boolean) {
		this.#directory = directory;
		this.#canRegister = canRegister;
	}

	/** Makes programs of an architecture (a GOARCH name) run, if that is possible; returns why it is not. */
	prepare({architecture, machine}: Foreign): readonly string[] {
		const programs = foreignPrograms(architecture, machine);
		if (programs === 'own') return [];
		if (programs === undefined) return [`nothing is known here of the architecture ${architecture}`];
		const known = this.#facts.get(architecture) ?? this.#register(programs);
		this.#facts.set(architecture, known);
		return known;
	}

	#register(programs: ForeignPrograms): readonly string[] {
		if (!this.#isMounted && registered(programs)) return [];
		const none = existsSync(`${ofMachine}/register`)
			? `nothing is registered in ${ofMachine} that runs these programs in any root (flag F)`
			: `${ofMachine} is not mounted`;
		const interpreter = findInterpreter(programs.emulator, process.env['PATH'] ?? '');
		if (interpreter === undefined) return [none, `there is no \`qemu-${programs.emulator}-static\` on the PATH`];
		if (!this.#canRegister) return [none, 'root itself registers programs for the whole machine only'];
		try {
			this.#mount();
			writeFileSync(`${this.#directory}/register`, registration(programs, interpreter));
			return [];
		} catch (error) {
			return [none, `registering ${interpreter} for the build alone ended with ${errnoOf(error) || String(error)} (it takes Linux 6.7)`];
		}
	}

	#mount(): void {
		if (this.#isMounted) return;
		mkdirSync(this.#directory, {recursive: true});
		mount('none', this.#directory, 'binfmt_misc', mountFlags.noSetuid | mountFlags.noDevices | mountFlags.noExec);
		this.#isMounted = true;
	}
}

function registered(programs: ForeignPrograms): boolean {
	try {
		const names = readdirSync(ofMachine).filter((name) => name !== 'register' && name !== 'status');
		if (readFileSync(`${ofMachine}/status`, 'utf8').trim() !== 'enabled') return false;
		return names.some((name) => entryRuns(readFileSync(`${ofMachine}/${name}`, 'utf8'), programs));
	} catch {
		return false;
	}
}

/** A program that needs no loader: the root in which it will run has none for it. */
function findInterpreter(emulator: string, path: string): string | undefined {
	const directories = path.split(delimiter).filter((directory) => directory.startsWith('/'));
	const candidates = directories.flatMap((directory) => [`${directory}/qemu-${emulator}-static`, `${directory}/qemu-${emulator}`]);
	// The kernel takes a colon as the end of the name.
	return candidates.find((file) => !file.includes(':') && existsSync(file) && isStatic(file));
}

/** An ELF64 file without PT_INTERP (elf(5)); the emulators of this machine are of its own architecture. */
function isStatic(file: string): boolean {
	const head = Buffer.alloc(4096);
	try {
		const fd = openSync(file, 'r');
		try {
			readSync(fd, head, 0, head.length, 0);
		} finally {
			closeSync(fd);
		}
	} catch {
		return false;
	}
	if (head.readUInt32BE(0) !== 0x7f_45_4c_46 || head[4] !== 2) return false;
	const start = Number(head.readBigUInt64LE(32));
	const size = head.readUInt16LE(54);
	const count = head.readUInt16LE(56);
	for (let at = 0; at < count; at++) {
		const place = start + at * size;
		if (place + 4 > head.length) return false;
		if (head.readUInt32LE(place) === 3) return false;
	}
	return true;
}
