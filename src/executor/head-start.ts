import {closeSync, lstatSync} from 'node:fs';
import type {Json} from '../core/canonical-json.ts';
import {kill} from '../host/process-tree.ts';
import {readNote, writeNote} from '../store/notes.ts';
import {type Launch, launch, type StartedLaunch} from './launch.ts';

/**
 * The worker takes longer to start than all that comes before the first step. So it is started before anything else where the last build with the
 * same words read a file that is another one now, where there was none, or where nothing is to be a hit: a step will miss. What nobody wants in the end is killed.
 */
export interface HeadStart {
	readonly store: string;
	/** Whether a file that such a build has read is another one now; undefined where there was none. */
	readonly isChanged?: boolean;
	readonly started?: StartedLaunch;
}

/** A file that a build has read, and how it looked at its end. */
interface WatchedFile {
	readonly path: string;
	readonly look: string;
}

/** The process has one: bundles share it. */
const holder = globalThis as {boxbuildHeadStart?: HeadStart | undefined};

/** Begins with it, once; `worker`: path of the worker's program. Fails silently: the build finds out again, and tells. */
export function beginHeadStart(store: string, worker: string): HeadStart {
	if (holder.boxbuildHeadStart?.store === store) return holder.boxbuildHeadStart;
	dropHeadStart();
	const isChanged = process.argv.includes('--no-cache') || isAnyChanged(readNote(store, 'watched', wordsOf()) as WatchedFile[] | undefined);
	const started = isChanged === false ? undefined : startLast(store, worker);
	const begun: HeadStart = {store, ...(isChanged === undefined ? {} : {isChanged}), ...(started === undefined ? {} : {started})};
	holder.boxbuildHeadStart = begun;
	return begun;
}

/** The process that was started before, if it is this one; another one is killed. */
export function takeHeadStart({inputs, mapping}: Omit<Launch, 'program'>): StartedLaunch | undefined {
	const {started, ...rest} = holder.boxbuildHeadStart ?? {};
	if (started?.launch.inputs !== inputs || JSON.stringify(started.launch.mapping) !== JSON.stringify(mapping)) {
		dropHeadStart();
		return undefined;
	}
	holder.boxbuildHeadStart = rest as HeadStart;
	return started;
}

/** Kills what nobody has taken. */
export function dropHeadStart(): void {
	const {started, ...rest} = holder.boxbuildHeadStart ?? {};
	if (started === undefined) return;
	const {pid, descriptors} = started.child;
	kill(pid);
	for (const descriptor of Object.values(descriptors) as number[]) closeSync(descriptor);
	holder.boxbuildHeadStart = rest as HeadStart;
}

/** Notes how the worker is started, for the next build of the same person with the same programs; null: not like the last one. */
export function keepLaunch(store: string, worker: string, wanted: Launch | null): void {
	writeNote(store, 'launch', startersOf(worker), wanted as unknown as Json);
}

/** Notes the files that the build has read; nothing to do when none has changed. */
export function watchFiles(store: string, paths: readonly string[]): void {
	const {isChanged} = holder.boxbuildHeadStart ?? {};
	if (isChanged === false) return;
	const files = paths.map((path) => ({path, look: lookOf(path)}));
	writeNote(store, 'watched', wordsOf(), files);
}

function startLast(store: string, worker: string): StartedLaunch | undefined {
	const last = (readNote(store, 'launch', startersOf(worker)) ?? undefined) as unknown as Launch | undefined;
	if (last === undefined) return undefined;
	try {
		return {launch: last, child: launch(last)};
	} catch {
		return undefined;
	}
}

function isAnyChanged(watched: readonly WatchedFile[] | undefined): boolean | undefined {
	return watched?.some(({path, look}) => lookOf(path) !== look);
}

function lookOf(path: string): string {
	try {
		const {dev, ino, mtimeMs, ctimeMs} = lstatSync(Buffer.from(path, 'latin1'));
		return `${dev} ${ino} ${mtimeMs} ${ctimeMs}`;
	} catch {
		return '';
	}
}

/** What decides which build it is. */
function wordsOf(): string {
	return JSON.stringify([process.cwd(), ...process.argv.slice(2)]);
}

function startersOf(worker: string): string {
	return JSON.stringify([process.getuid?.(), process.getgid?.(), process.execPath, worker]);
}
