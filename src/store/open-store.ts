import {mkdirSync, readdirSync, readFileSync} from 'node:fs';
import {BuildError} from '../diagnostics/build-error.ts';
import {storeNewerVersion, storeNotAStore} from '../diagnostics/store.ts';
import {makeDirectories} from '../host/make-directories.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';
import {unlessMissing} from '../host/errno.ts';
import {type BlobStore, makeBlobStore} from './blob-store.ts';
import {type ImageNames, makeImageNames} from './image-names.ts';
import {indexText} from './index-text.ts';
import {type LayerStore, makeLayerStore} from './layer-store.ts';
import {lookOnce} from './look-once.ts';
import {makeMemo, type Memo} from './memo.ts';
import {makeStepCache, type StepCache} from './step-cache.ts';
import {inStore} from './store-error.ts';

const version = 1;
const directories = ['blobs', 'blobs/sha256', 'layers', 'steps', 'index', 'memo', 'mounts', 'run', 'logs'];
const files = ['oci-layout', 'index.json', 'index.lock', 'version', 'ids'];

/** One directory that is an OCI layout (blobs, index.json) with caches beside it; any number of processes may use it at once. */
export interface Store {
	/** Absolute path. */
	readonly directory: string;
	readonly blobs: BlobStore;
	readonly layers: LayerStore;
	readonly steps: StepCache;
	readonly memo: Memo;
	readonly images: ImageNames;
}

/** Opens the store in an absolute directory and makes what is missing; loads nothing heavy. `bootId` gives the identity of the running boot. */
export function openStore(directory: string, bootId?: () => string): Store {
	return open(directory, (blobs) => makeLayerStore(directory, blobs, bootId));
}

/** The store for one build: layers that it has seen are what they were. */
export function openBuildStore(directory: string): Store {
	return open(directory, (blobs) => lookOnce(makeLayerStore(directory, blobs)));
}

function open(directory: string, layersOf: (blobs: BlobStore) => LayerStore): Store {
	inStore(directory, () => prepare(directory));
	const blobs = makeBlobStore(directory);
	const layers = layersOf(blobs);
	return {directory, blobs, layers, steps: makeStepCache(directory, layers), memo: makeMemo(directory), images: makeImageNames(directory)};
}

function prepare(directory: string): void {
	const found = unlessMissing(() => readFileSync(`${directory}/version`, 'utf8').trim());
	if (found === String(version)) return;
	if (found !== undefined && found !== '') throw new BuildError(storeNewerVersion(directory, found.slice(0, 20), version));
	// 0700: layers hold set-user-ID programs of other people's making.
	makeDirectories(directory, 0o700);
	const known = new Set([...directories, ...files]);
	const stranger = readdirSync(directory).find((name) => !known.has(name) && !name.startsWith('.tmp-'));
	if (stranger !== undefined) throw new BuildError(storeNotAStore(directory, stranger));
	for (const name of directories) mkdirSync(`${directory}/${name}`, {recursive: true});
	writeFileAtomic(`${directory}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}', {sync: true});
	// Another process may be here as well, and be faster: never replace its list of images.
	writeFileAtomic(`${directory}/index.json`, indexText([]), {sync: true, keepExisting: true});
	writeFileAtomic(`${directory}/version`, `${version}\n`, {sync: true});
}
