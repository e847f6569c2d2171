import type {Json} from '../core/canonical-json.ts';
import {ancestorsOf, joinRaw} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {TarEntry} from '../tar/entry.ts';
import {findDestination, landingOf} from './copy-destination.ts';
import type {CopySources} from './copy-destination.ts';
import {LowerView} from './lower-view.ts';

/**
 * Everything of the file system below that decides what a copy makes, for its step key: what stands at each component on the way to the
 * destination, and which selected paths cannot land because a directory meets something else. Throws BuildError for a destination that loops.
 */
export function copyFacts(request: CopySources & {readonly lower: string | null}): Json {
	const lower = new LowerView(request.lower);
	try {
		const destination = findDestination(request, (path) => lower.entry(path));
		const inLayer = [...ancestorsOf(destination.path), destination.path].filter((path) => path !== '');
		const way = [...new Set([...destination.visited, ...inLayer])];
		const conflicts: string[] = [];
		for (const {item} of request.items) {
			const base = item.isDirectory ? destination.path : landingOf(destination, item.name);
			for (const entry of item.entries) {
				const path = entry.path === '' ? base : joinRaw(base, entry.path);
				const type = lower.stat(path)?.type;
				if (type !== undefined && (type === 'directory') !== (entry.type === 'directory')) {
					if (type === 'directory' || entry.type === 'directory') conflicts.push(`${path}\0${type}`);
				}
			}
		}
		for (const {name} of request.files) {
			const path = landingOf(destination, Buffer.from(name, 'utf8').toString('latin1') as RawPath);
			if (lower.isDirectory(path)) conflicts.push(`${path}\0directory`);
		}
		return {isDirectory: destination.isDirectory, way: way.map((path) => factOf(path, lower.entry(path))), conflicts};
	} finally {
		lower.close();
	}
}

function factOf(path: RawPath, entry: TarEntry | undefined): Json {
	if (entry === undefined) return [path];
	if (entry.type === 'symlink') return [path, 'symlink', entry.link ?? ''];
	// Of a file on the way only its being there matters; a directory becomes a parent in the layer as it is.
	if (entry.type !== 'directory') return [path, entry.type];
	return [path, 'directory', entry.mode, entry.uid, entry.gid, entry.mtime, entry.xattrs ?? null];
}
