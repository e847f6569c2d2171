/** Work that is aborted when `signal` is, or after a time; undefined when the time was up. */
export async function withinTime<T>(
	milliseconds: number | undefined,
	signal: AbortSignal,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
	if (milliseconds === undefined) return work(signal);
	const late = new Error('the time is up');
	const abort = new AbortController();
	const stop = (): void => abort.abort(signal.reason);
	signal.addEventListener('abort', stop, {once: true});
	if (signal.aborted) stop();
	const timer = setTimeout(() => abort.abort(late), milliseconds);
	try {
		return await work(abort.signal);
	} catch (error) {
		if (error === late) return undefined;
		throw error;
	} finally {
		clearTimeout(timer);
		signal.removeEventListener('abort', stop);
	}
}
