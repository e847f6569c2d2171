import {chmodSync, rmdirSync, unlinkSync} from 'node:fs';

/** What the kernel's overlay leaves in a workdir that was mounted `volatile` (fs/overlayfs/super.c): outermost first, of mode 000. */
const directories = ['work', 'work/work', 'work/work/incompat', 'work/work/incompat/volatile'];

/**
 * Takes away what an overlay leaves of a step beside its layer, which has moved: six entries, while the worker is busy with the next step. Where
 * another driver has left something else, or somebody else's, it goes with the build.
 */
export function removeLeavings(directory: string): void {
	try {
		for (const name of directories.slice(1)) chmodSync(`${directory}/${name}`, 0o700);
		unlinkSync(`${directory}/work/work/incompat/volatile/dirty`);
		for (const name of directories.toReversed()) rmdirSync(`${directory}/${name}`);
		rmdirSync(directory);
	} catch {
		// It is no overlay's, or it holds the layer, because the store has that already.
	}
}
