import {readFileSync, statSync} from 'node:fs';
import type {Json} from '../../core/canonical-json.ts';
import {unlessMissing} from '../../host/errno.ts';
import {readBootId} from '../../store/boot-id.ts';
import {readNote, writeNote} from '../../store/notes.ts';

/** Lines of /proc/self/status that say what a sandbox around forbids (proc_pid_status(5)). */
const sandboxLines = /^(?:CapBnd|NoNewPrivs|Seccomp):.*$/gmv;

/** What builds have found out about this machine in this boot, and need not try again. */
export class Sightings {
	readonly #store: string;
	readonly #place: string;
	#known: {readonly [what: string]: Json};
	#isNew = false;

	constructor(store: string) {
		this.#store = store;
		this.#place = describePlace(store);
		const found = readNote(store, 'seen', this.#place);
		this.#known = typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as {readonly [what: string]: Json}) : {};
	}

	get(what: string): Json | undefined {
		return this.#known[what];
	}

	note(what: string, found: Json): void {
		this.#known = {...this.#known, [what]: found};
		this.#isNew = true;
	}

	/** What is known, or else what `look` finds. */
	once<T extends Json>(what: string, look: () => T): T {
		const known = this.get(what) as T | undefined;
		if (known !== undefined) return known;
		const found = look();
		this.note(what, found);
		return found;
	}

	/** Keeps what is new for the next build, which looks again when that cannot be. */
	keep(): void {
		if (!this.#isNew) return;
		this.#isNew = false;
		writeNote(this.#store, 'seen', this.#place, this.#known);
	}

	/** Something was not as it was seen: the next build looks again. */
	forget(): void {
		this.#known = {};
		this.#isNew = true;
		this.keep();
	}
}

/** Everything that what works here may depend on: a store can be used by several containers of one boot. */
function describePlace(store: string): string {
	// A copy of the store elsewhere in the same file system is like it.
	const {dev: device} = statSync(store);
	const read = (file: string): string => unlessMissing(() => readFileSync(`/proc/self/${file}`, 'utf8')) ?? '';
	return JSON.stringify({
		boot: readBootId(),
		device,
		ids: read('uid_map'),
		sandbox: read('status').match(sandboxLines) ?? [],
		label: readLabel(),
	});
}

/** Of AppArmor or SELinux; reading it is an error where there is neither. */
function readLabel(): string {
	try {
		return readFileSync('/proc/self/attr/current', 'utf8');
	} catch {
		return '';
	}
}
