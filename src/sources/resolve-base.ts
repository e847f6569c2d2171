import {statSync} from 'node:fs';
import {resolve} from 'node:path';
import {baseUnreadable} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {errnoOf} from '../host/errno.ts';
import type {Json} from '../core/canonical-json.ts';
import {archivePaths} from '../plan/base-reference.ts';
import type {BaseReference} from '../plan/plan.ts';
import {parsePlatform} from '../plan/platform.ts';
import {noteLayers, recallLayers} from '../store/known-layers.ts';
import {sources} from './registry.ts';
import {resolveName} from './resolve-name.ts';
import {type FileReference, printBase, type ResolvedBase, type SourceContext} from './source.ts';

/**
 * Finds a base and has its documents and layers in the store (verified) when it returns. Files that have not changed since the last time
 * are not read again. `scratch` and `host` have no image: asking for them is a bug.
 */
export async function resolveBase(reference: BaseReference, given: SourceContext): Promise<ResolvedBase> {
	const own = 'platform' in reference ? parsePlatform(reference.platform ?? '') : undefined;
	const context = own === undefined ? given : {...given, platform: own};
	if (reference.kind === 'name') return resolveName(reference.name, context);
	if (reference.kind === 'scratch' || reference.kind === 'host') throw new TypeError(`\`${reference.kind}\` is not an image`);
	try {
		return await resolveFile(locate(reference, context.directory), context);
	} catch (error) {
		if (!unreachable.has(errnoOf(error))) throw error;
		throw new BuildError(baseUnreadable(printBase(reference), errnoOf(error)), {cause: error});
	}
}

/** The file with an absolute path. `FILE:TAG` of an archive is told from a name with a colon by what is there. */
function locate(reference: FileReference, directory: string): FileReference {
	const {kind, path: text, tag} = reference;
	const isArchive = (kind === 'oci-archive' || kind === 'docker-archive') && tag === undefined;
	const isFile = (path: string): boolean => statSync(resolve(directory, path), {throwIfNoEntry: false})?.isFile() === true;
	const found = isArchive ? archivePaths(text).find(isFile) : undefined;
	if (found === undefined || found === text) return {...reference, path: resolve(directory, text)};
	return {...reference, path: resolve(directory, found), tag: text.slice(found.length + 1)};
}

/** A path that cannot even be looked at. */
const unreachable = new Set(['EACCES', 'ELOOP', 'ENAMETOOLONG', 'ENOTDIR']);

async function resolveFile(file: FileReference, context: SourceContext): Promise<ResolvedBase> {
	const key = context.remembers === false ? undefined : memoKey(file, context);
	const known = key === undefined ? undefined : recall(key, context);
	if (known !== undefined) return known;
	const source = await sources[file.kind]();
	const found = await source.resolve(file, context);
	// A file that changed while it was read has another key now: nothing is remembered under the old one.
	if (key !== undefined && JSON.stringify(memoKey(file, context)) === JSON.stringify(key))
		context.store.memo.set(key, found as unknown as Json);
	return found;
}

/** Undefined for what has no single file whose stamp tells, and for a file so new that a change could leave the same stamp. */
function memoKey(reference: FileReference, context: SourceContext): Json | undefined {
	if (reference.kind === 'dir') return undefined;
	const path = reference.kind === 'oci' ? `${reference.path}/index.json` : reference.path;
	const stats = statSync(path, {bigint: true, throwIfNoEntry: false});
	if (stats === undefined || !stats.isFile()) return undefined;
	const newest = stats.mtimeMs > stats.ctimeMs ? stats.mtimeMs : stats.ctimeMs;
	if (newest > BigInt(Date.now()) - 2000n) return undefined;
	const stamp = [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].map(String);
	const {os, architecture, variant} = context.platform;
	const made = reference.kind === 'tar' ? context.epoch : null;
	return {kind: 'base', version: 1, reference: {...reference}, stamp, platform: {os, architecture, variant}, epoch: made};
}

function recall(key: Json, {store}: SourceContext): ResolvedBase | undefined {
	const found = store.memo.get(key) as unknown as ResolvedBase | undefined;
	if (found === undefined || recallLayers(store, found.digest, found.layers) !== undefined) return found;
	const isThere = found.layers.every(
		({diffId, blob}) => (blob !== undefined && store.blobs.has(blob)) || store.layers.get(diffId) !== undefined,
	);
	if (isThere) noteLayers(store, found.digest, found.layers);
	return isThere ? found : undefined;
}
