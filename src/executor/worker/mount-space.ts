import {mkdirSync} from 'node:fs';
import {mount, mountFlags, unmount} from '../../host/mount.ts';

/**
 * A tmpfs of the worker's mount namespace that holds what steps mount: nothing of it is on a disk. When it is detached, everything
 * mounted inside goes with it, so that whoever deletes the build's directory cannot reach into a cache.
 */
export class MountSpace {
	readonly #path: string;
	readonly #canMount: boolean;
	#isOpen = false;
	#isClosed = false;
	#count = 0;

	/** Where nothing can be mounted, it is a plain directory of the store, and what is in there is on a disk until its step ends. */
	constructor(path: string, canMount: boolean) {
		this.#path = path;
		this.#canMount = canMount;
	}

	/** A new empty directory. */
	fresh(): string {
		if (this.#isClosed) throw new Error('the build is over');
		if (!this.#isOpen) {
			mkdirSync(this.#path, {mode: 0o700});
			if (this.#canMount) mount('mounts', this.#path, 'tmpfs', mountFlags.noSetuid | mountFlags.noDevices, 'mode=700');
			this.#isOpen = true;
		}
		const path = `${this.#path}/${this.#count++}`;
		mkdirSync(path);
		return path;
	}

	close(): void {
		if (this.#isOpen && !this.#isClosed && this.#canMount) unmount(this.#path);
		this.#isClosed = true;
	}
}
