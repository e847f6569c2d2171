import {statSync} from 'node:fs';
import {type Digest, hexOf, sha256} from '../core/digest.ts';
import {hostPath} from '../core/raw-path.ts';
import {inStore} from '../store/store-error.ts';
import type {Store} from '../store/open-store.ts';
import {hashFile} from './hash-file.ts';
import {RememberedDigests} from './remembered-digests.ts';
import type {FileStamp, SelectedEntry} from './selection.ts';

/** Digests of the files of one tree, remembered from build to build as long as their stamps stay the same. */
export interface FileDigests {
	/** Reads the file unless its digest is known. */
	digestOf(entry: SelectedEntry): Digest;
	/** Without reading. */
	knownDigest(entry: SelectedEntry): Digest | undefined;
	/** Takes the digest of what somebody else has read, after `since` (milliseconds since 1970). */
	learn(entry: SelectedEntry, digest: Digest, since: number): void;
	/** Writes what was learnt, in one file, when there is something new. */
	save(): void;
}

/** `root` is the directory the entries' sources are relative to; without a store nothing is remembered. */
export function openFileDigests(root: string, store?: Store): FileDigests {
	const path = store === undefined ? undefined : pathIn(store, root);
	let remembered: RememberedDigests | undefined;
	const opened = (): RememberedDigests => (remembered ??= new RememberedDigests(path));
	const learn: FileDigests['learn'] = (entry, digest, since) => opened().learn(entry, digest, isSettled(entry.stamp, since));
	return {
		digestOf(entry) {
			const known = opened().find(entry);
			if (known !== undefined) return known;
			const before = Date.now();
			const digest = hashFile(root, entry.source);
			learn(entry, digest, before);
			return digest;
		},
		knownDigest: (entry) => opened().find(entry),
		learn,
		save() {
			if (path !== undefined && store !== undefined) inStore(store.directory, () => remembered?.save(path));
		},
	};
}

function pathIn({directory}: Store, root: string): string {
	return `${directory}/memo/${hexOf(sha256(`context ${root}`))}.files`;
}

/** Bytes of about a hundred rows. */
const mostRemembered = 16 << 10;

/** Paths of the files of a small tree whose digests are remembered, in bytes (latin1); none of a large one. */
export function rememberedFiles(root: string, store: Store): readonly string[] {
	const path = pathIn(store, root);
	const size = statSync(path, {throwIfNoEntry: false})?.size ?? 0;
	if (size === 0 || size > mostRemembered) return [];
	return new RememberedDigests(path).sources().map((source) => hostPath(root, source).toString('latin1'));
}

/**
 * False while a write after the one that was seen could leave the same times: then the digest must not be remembered.
 * The kernel stamps with its tick (1 to 10 ms); a whole second says that the file system may keep no finer times.
 */
export function isSettled(stamp: FileStamp, now: number): boolean {
	const newest = Math.max(stamp.ctimeMs, stamp.mtimeMs);
	return newest < now - (stamp.ctimeMs % 1000 === 0 ? 2000 : 50);
}
