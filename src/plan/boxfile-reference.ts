import {posix} from 'node:path';

/** A stage of another Boxfile, as FROM and `--from` name it. */
export interface BoxfileReference {
	/** Path of the Boxfile, absolute or relative to the context directory of the build (then without `./`). */
	readonly file: string;
	/** Name or number; absent: its last stage. */
	readonly stage?: string;
}

/** Reads `./DIR/FILE[#STAGE]`; a relative path starts in `directory`. Undefined for what does not begin with `./`, `../` or `/`. */
export function parseBoxfileReference(text: string, directory: string): BoxfileReference | undefined {
	if (!/^(?:\.{1,2})?\//v.test(text)) return undefined;
	const hash = text.lastIndexOf('#');
	const path = hash === -1 ? text : text.slice(0, hash);
	const stage = hash === -1 ? '' : text.slice(hash + 1);
	const file = path.startsWith('/') ? posix.normalize(path) : posix.normalize(posix.join(directory, path));
	return {file, ...(stage === '' ? {} : {stage})};
}

/** The directory of a Boxfile: what its own relative paths start from. */
export function directoryOf(file: string): string {
	return posix.dirname(file);
}
