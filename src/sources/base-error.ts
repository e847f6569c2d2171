import {archiveRefused} from '../diagnostics/archive.ts';
import {baseDamaged, baseNotFound, baseUnreadable} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';
import {errnoOf} from '../host/errno.ts';
import {ArchiveFault} from '../tar/archive-fault.ts';

/** The value of an outcome; its problems are thrown. */
export function valueOf<T>(outcome: Outcome<T>): T {
	if (outcome.value === undefined) throw new BuildError(outcome.diagnostics);
	return outcome.value;
}

/** What an error means for the base that was being read: damage found by the store is damage of the base. */
export function baseError(error: unknown, name: string): unknown {
	if (error instanceof ArchiveFault)
		return new BuildError(archiveRefused({kind: error.kind, entry: error.entry, detail: error.detail}), {cause: error});
	if (error instanceof BuildError) {
		const found = error.diagnostics[0];
		if (found?.code !== 'store/blob-damaged') return error;
		return new BuildError(baseDamaged(name, `its blob \`${String(found.data?.['digest'])}\` differs: ${found.because?.join('; ') ?? ''}`), {
			cause: error,
		});
	}
	const code = errnoOf(error);
	if (code === 'ENOENT' || code === 'ENOTDIR') return new BuildError(baseNotFound(name, 'there is no such file'), {cause: error});
	return code === '' || code.startsWith('ERR_') ? error : new BuildError(baseUnreadable(name, code), {cause: error});
}
