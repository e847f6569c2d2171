import {BuildError} from '../diagnostics/build-error.ts';
import {storeInputOutput, storeNoSpace, storeNotWritable} from '../diagnostics/store.ts';
import {errnoOf} from '../host/errno.ts';

/** Turns a failed file operation of the store into the diagnostic for people; other errors stay as they are. */
export function storeError(error: unknown, directory: string): unknown {
	const code = errnoOf(error);
	if (error instanceof BuildError || code === '') return error;
	if (code === 'ENOSPC' || code === 'EDQUOT') return new BuildError(storeNoSpace(directory), {cause: error});
	if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return new BuildError(storeNotWritable(directory, code), {cause: error});
	if (!code.startsWith('E') || code.startsWith('ERR_')) return error;
	return new BuildError(storeInputOutput(directory, code), {cause: error});
}

/** Errors of the disk, wherever a build meets them: its temporary files and logs are in the store, too. Other errors stay as they are. */
export function diskError(error: unknown, directory: string): unknown {
	return ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS'].includes(errnoOf(error)) ? storeError(error, directory) : error;
}

/** Runs file operations of the store and lets their errors out as diagnostics that name its directory. */
export function inStore<T>(directory: string, work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw storeError(error, directory);
	}
}
