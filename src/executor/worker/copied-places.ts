import type {TreeEntry} from '../../core/tree-entry.ts';
import type {CopiedDirectory} from '../../rootfs/copy-layer.ts';
import {type CopiedPlaces, nowhere} from '../../store/copied-layers.ts';
import type {OpenTask} from './copy-task.ts';

/** Where the files of a task's sources are in the layer; `starts`: the offset of each entry of the index, when it is a tar. */
export function copiedPlaces(
	{sources}: Pick<OpenTask, 'sources'>,
	{contents}: Pick<CopiedDirectory, 'contents'>,
	starts?: Float64Array,
): CopiedPlaces {
	const numbers = new Map<TreeEntry, number>();
	for (const {item} of sources) for (const entry of item.entries) numbers.set(entry, numbers.size);
	const places = {
		starts: new Float64Array(starts === undefined ? 0 : numbers.size).fill(-1),
		entries: new Uint32Array(numbers.size).fill(nowhere),
	};
	for (const [at, content] of contents.entries()) {
		const number = content === undefined || Buffer.isBuffer(content) ? undefined : numbers.get(content.source);
		if (number === undefined) continue;
		if (starts !== undefined) places.starts[number] = starts[at] ?? -1;
		places.entries[number] = at;
	}
	return places;
}
