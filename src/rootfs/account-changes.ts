import {lstatSync} from 'node:fs';
import type {TarEntry} from '../tar/entry.ts';

const accountPath = /^(?:(?:\.wh\.)?etc|\.wh\.\.wh\.\.opq|etc\/(?:(?:\.wh\.)?(?:passwd|group)|\.wh\.\.wh\.\.opq))$/v;

/** True for an entry of a layer with which `/etc/passwd` or `/etc/group` may be others than below, where they are `plain`. */
export function changesAccounts({path, type}: Pick<TarEntry, 'path' | 'type'>): boolean {
	return accountPath.test(path) && !(path === 'etc' && type === 'directory');
}

/** True when no symlink leads to the account files of a root: whoever changes them names them. */
export function hasPlainAccounts(root: string): boolean {
	return ['etc', 'etc/passwd', 'etc/group'].every(
		(path) => lstatSync(`${root}/${path}`, {throwIfNoEntry: false})?.isSymbolicLink() !== true,
	);
}
