import {BuildError} from '../diagnostics/build-error.ts';
import {exportFailed} from '../diagnostics/export.ts';
import {errnoOf} from '../host/errno.ts';

/** What a failed file operation means for an output. */
export function exportError(error: unknown, destination: string): unknown {
	const code = errnoOf(error);
	if (error instanceof BuildError || code === '' || code.startsWith('ERR_')) return error;
	return new BuildError(exportFailed(destination, code), {cause: error});
}
