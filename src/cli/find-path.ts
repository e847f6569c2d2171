import {ancestorsOf, baseOf, joinRaw, normalizeRaw, parentOf, type RawPath, rawOf, textOf} from '../core/raw-path.ts';
import {suggest} from '../core/suggest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {cliNoPath} from '../diagnostics/cli.ts';
import {cliLinkLoop} from '../diagnostics/image.ts';
import type {ImageFiles} from '../executor/image-files.ts';
import {resolveInRoot} from '../host/resolve-in-root.ts';
import type {TarEntry} from '../tar/entry.ts';

/** A path of an image; the root has no entry. */
export interface FoundPath {
	/** No component above the last is a symlink. */
	readonly path: RawPath;
	readonly entry: TarEntry | undefined;
}

/**
 * Finds what stands at a path, symlinks on the way resolved with the image as root; one in the last place is followed with `follow` or when
 * the text ends with `/`. Throws cli/no-path and cli/link-loop.
 */
export function findPath(files: ImageFiles, text: string, {image, follow}: {readonly image: string; readonly follow: boolean}): FoundPath {
	const wanted = rawOf(text);
	const isDirectory = wanted.endsWith('/');
	const resolved = resolveInRoot(wanted, (at) => files.entries.get(at), follow || isDirectory ? 'follow' : 'keep');
	if (resolved === undefined) throw new BuildError(cliLinkLoop(image, text));
	const {path} = resolved;
	const entry = files.entries.get(path);
	const isWhole = ancestorsOf(path).every((above) => files.entries.get(above)?.type === 'directory');
	if (path === '') return {path, entry};
	if (entry === undefined || !isWhole || (isDirectory && entry.type !== 'directory'))
		throw new BuildError(cliNoPath(image, text, similar(files, normalizeRaw(wanted))));
	return {path, entry};
}

/** What is directly in a directory, by path. */
export function childrenOf(files: ImageFiles, directory: RawPath): TarEntry[] {
	return [...files.entries.values()].filter(({path}) => parentOf(path) === directory);
}

/** What is below a directory at any depth, by path. */
export function below(files: ImageFiles, directory: RawPath): TarEntry[] {
	const prefix = directory === '' ? '' : `${directory}/`;
	return [...files.entries.values()].filter(({path}) => path.startsWith(prefix));
}

/** A name in the same directory that was meant perhaps. */
function similar(files: ImageFiles, path: RawPath): string | undefined {
	const directory = parentOf(path) ?? path;
	const names = childrenOf(files, directory).map((entry) => textOf(baseOf(entry.path)));
	const close = suggest(textOf(baseOf(path)), names);
	return close === undefined ? undefined : `/${textOf(joinRaw(directory, rawOf(close)))}`;
}
