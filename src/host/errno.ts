/** The errno name of a failed system call (`ENOENT`), or the empty string for any other error. */
export function errnoOf(error: unknown): string {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Runs a call that may find nothing: undefined for ENOENT and ENOTDIR, every other error is thrown. */
export function unlessMissing<T>(call: () => T): T | undefined {
	try {
		return call();
	} catch (error) {
		const code = errnoOf(error);
		if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
		throw error;
	}
}
