import {join} from 'node:path';

/** What every builder is told of a phase alike: its Boxfile, and the name that the image gets for later phases. */
export function buildOptions(context, {file = 'Boxfile', tag}) {
	return [...(tag === undefined ? [] : ['-t', tag]), '-f', join(context, file)];
}
