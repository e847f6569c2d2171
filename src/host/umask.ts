import {checked, libcFunction} from './libc.ts';

const unshare = libcFunction('int unshare(int flags)') as (flags: number) => number;
const umask = libcFunction('uint umask(uint mask)') as (mask: number) => number;
/** CLONE_FS: working directory, root and umask stop being those of all threads (unshare(2)). */
const fileSystemAttributes = 0x200;

/** Gives this thread alone another umask. */
export function ownUmask(mask: number): void {
	checked(unshare(fileSystemAttributes), 'unshare');
	umask(mask);
}
