import {closeSync, mkdirSync, openSync, readlinkSync, renameSync} from 'node:fs';
import {baseOf, hostPath, parentOf, type RawPath, rawOf} from '../../core/raw-path.ts';
import {stepMountTarget} from '../../diagnostics/mount.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {setTimes} from '../../host/file-calls.ts';
import {type FileStat, fileStat} from '../../host/file-stat.ts';
import {resolveInRoot} from '../../host/resolve-in-root.ts';
import {openPathOnly} from '../../host/walk-beneath.ts';
import type {Bind} from '../../isolation/step-spec.ts';
import {copyFile} from '../../rootfs/copy-file.ts';
import {waitForClock} from '../../rootfs/tree-listing.ts';
import {removeTree} from '../../rootfs/remove-tree.ts';

/** A directory that something was put into. */
interface Place {
	readonly path: RawPath;
	/** Descriptor, so that it stays the same wherever the step moves it. */
	readonly directory: number;
	/** When it was last changed here. */
	changed: bigint;
}

interface Placed {
	readonly bind: Bind;
	readonly path: RawPath;
	readonly place: Place;
	/** Of what was put there. */
	readonly type: FileStat['type'];
	/** Where what the step's root has there waits. */
	readonly aside: string;
}

/**
 * What a step should find mounted, where nothing can be mounted: it is put into the step's root before the step, and taken out after it, so
 * that neither shows in what the step has changed. Nothing is written through a symbolic link of the root or of the step.
 */
export class PlacedBinds {
	readonly #root: string;
	/** An empty directory beside the root. */
	readonly #aside: string;
	readonly #placed: Placed[] = [];
	readonly #places = new Map<RawPath, Place>();

	constructor(root: string, aside: string) {
		this.#root = root;
		this.#aside = aside;
		mkdirSync(aside);
	}

	/** Throws step/mount-target for a target that is not there, unless the bind is optional. */
	place(bind: Bind): void {
		const path = this.#resolve(bind.target);
		const isThere = fileStat(hostPath(this.#root, path)) !== undefined;
		if (!isThere && bind.optional) return;
		if (!isThere) throw new BuildError(stepMountTarget(bind.target, 'it does not exist in the root of the step'));
		const source = fileStat(Buffer.from(bind.source));
		if (path === '' || source === undefined) throw new Error(`${bind.source} cannot be put at /${path}`);
		const place = this.#placeAt(parentOf(path) ?? path);
		const placed: Placed = {bind, path, place, type: source.type, aside: `${this.#aside}/${this.#placed.length}`};
		this.#placed.push(placed);
		keepingTime(place, () => {
			const at = inside(placed);
			renameSync(at, placed.aside);
			if (bind.own === true) renameSync(bind.source, at);
			else copyFile(Buffer.from(bind.source), at, source, () => undefined);
		});
		place.changed = statOf(place)?.changed ?? 0n;
	}

	/** Waits until a change by the step is later than every one that was made here. */
	finish(): void {
		const latest = [...this.#places.values()].reduce((found, {changed}) => (changed > found ? changed : found), 0n);
		waitForClock(latest, `${this.#aside}/clock`);
	}

	/**
	 * Takes everything out again; what the step has made of the places themselves is deleted. Returns the paths that have a new time of change
	 * by that only.
	 */
	close(): readonly RawPath[] {
		const untouched = [...this.#places.values()].filter((place) => statOf(place)?.changed === place.changed).map(({path}) => path);
		const placed = this.#placed.splice(0).toReversed();
		try {
			for (const one of placed) keepingTime(one.place, () => restore(one));
		} finally {
			for (const {directory} of this.#places.values()) closeSync(directory);
			this.#places.clear();
		}
		return [...untouched, ...placed.map(({path}) => path)];
	}

	#placeAt(path: RawPath): Place {
		const known = this.#places.get(path);
		if (known !== undefined) return known;
		const place = {path, directory: openSync(hostPath(this.#root, path), openPathOnly), changed: 0n};
		this.#places.set(path, place);
		return place;
	}

	#resolve(target: string): RawPath {
		const found = resolveInRoot(rawOf(target), (path) => {
			const at = hostPath(this.#root, path);
			const stat = fileStat(at);
			return stat === undefined ? undefined : {type: stat.type, link: stat.type === 'symlink' ? readlinkSync(at, 'latin1') : undefined};
		});
		if (found === undefined) throw new BuildError(stepMountTarget(target, 'its symbolic links lead in a circle'));
		return found.path;
	}
}

function restore(placed: Placed): void {
	const {bind, place, type, aside} = placed;
	const at = inside(placed);
	if (bind.own === true && fileStat(at)?.type === type) renameSync(at, bind.source);
	else removeTree(at);
	// A step that has deleted the directory has deleted what was in it.
	if (isLinked(place)) renameSync(aside, at);
}

function inside({place, path}: Placed): Buffer {
	return hostPath(`/proc/self/fd/${place.directory}`, baseOf(path));
}

/** What is done here is no change of the step. */
function keepingTime(place: Place, work: () => void): void {
	const before = statOf(place)?.mtime;
	work();
	if (before !== undefined && isLinked(place)) setTimes(atOf(place), before);
}

/** False for a directory that has been deleted. */
function isLinked(place: Place): boolean {
	return (statOf(place)?.nlink ?? 0) > 0;
}

function statOf(place: Place): FileStat | undefined {
	return fileStat(atOf(place));
}

function atOf({directory}: Place): Buffer {
	return Buffer.from(`/proc/self/fd/${directory}/.`);
}
