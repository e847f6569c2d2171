import {mkdirSync, rmSync} from 'node:fs';
import {unpackContext} from '../context/unpack-context.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {cliBadValue} from '../diagnostics/cli.ts';
import {parseGitSource} from '../instructions/git-source.ts';
import {isGitRepository} from '../instructions/remote-source.ts';
import {checkOut, resolveCommit} from '../sources/git-repository.ts';
import {startLiveBuild} from '../store/live-builds.ts';
import {openStore} from '../store/open-store.ts';

export interface ReceivedFrom {
	/** Path of the store: what is received lies in the directory of a live build there. */
	readonly store: string;
	readonly signal: AbortSignal;
	readonly input: AsyncIterable<Uint8Array>;
}

/** True when the context is not a directory but has to be received: a tar on standard input, or a git repository. */
export function isReceived(context: string): boolean {
	return context === '-' || isGitRepository(context);
}

/** Gives the directory of a received context to `work` and deletes it afterwards. */
export async function withReceivedContext<T>(
	context: string,
	{store, signal, input}: ReceivedFrom,
	work: (directory: string) => Promise<T>,
): Promise<T> {
	const live = await startLiveBuild(openStore(store).directory);
	const directory = `${live.directory}/context`;
	try {
		if (context === '-') {
			mkdirSync(directory, {mode: 0o755});
			await unpackContext(input, directory);
			return await work(directory);
		}
		const source = parseGitSource(context, {span: {start: 0, end: 0}, keepGitDir: false, checksum: undefined});
		if (typeof source === 'string') throw new BuildError(cliBadValue('CONTEXT', context, `a git repository, and ${source}`));
		return await work(await checkOut(source, await resolveCommit(source, signal), {directory, signal}));
	} finally {
		rmSync(live.directory, {recursive: true, force: true});
		live.release();
	}
}
