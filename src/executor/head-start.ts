import {closeSync, existsSync, lstatSync, statSync} from 'node:fs';
import type {Json} from '../core/canonical-json.ts';
import {kill} from '../host/process-tree.ts';
import {readNote, writeNote} from '../store/notes.ts';
import {type Launch, launch, type StartedLaunch} from './launch.ts';

/**
 * The worker takes longer to start than all that comes before the first step. So it is started before anything else where the last build of the
 * same directory read a file that is another one now, where there was none, or where nothing is to be a hit: a step will miss. What nobody wants in
 * the end is killed.
 */
export interface HeadStart {
	readonly store: string;
	/** Whether a file that such a build has read is another one now; undefined where there was none. */
	readonly isChanged?: boolean;
	/** Whether a step is likely to miss. */
	readonly isWanted: boolean;
	readonly started?: StartedLaunch;
}

/** Files that a build has read, and how they looked at its end. */
interface LastBuild {
	readonly files: readonly {readonly path: string; readonly look: string}[];
	/** Its own changes needed no worker: those of small copies that nothing stands on do not. */
	readonly isIdle: boolean;
}

/** The process has one: bundles share it. */
const holder = globalThis as {boxbuildHeadStart?: HeadStart | undefined};

/** Begins with it, once; `worker`: path of the worker's program. Fails silently: the build finds out again, and tells. */
export function beginHeadStart(store: string, worker: string): HeadStart {
	if (holder.boxbuildHeadStart?.store === store) return holder.boxbuildHeadStart;
	dropHeadStart();
	const last = readLastBuild(store);
	const isChanged = last?.files.some(({path, look}) => lookOf(path) !== look);
	const isWanted = process.argv.includes('--no-cache') || (isChanged !== false && last?.isIdle !== true);
	const started = isWanted ? startLast(store, worker) : undefined;
	const begun: HeadStart = {
		store,
		isWanted: isWanted && (isChanged !== undefined || started !== undefined),
		...(isChanged === undefined ? {} : {isChanged}),
		...(started === undefined ? {} : {started}),
	};
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
export function watchFiles(store: string, paths: readonly string[], {isIdle}: Pick<LastBuild, 'isIdle'>): void {
	if (holder.boxbuildHeadStart?.isChanged === false) return;
	const last: LastBuild = {files: paths.map((path) => ({path, look: lookOf(path)})), isIdle};
	writeNote(store, 'watched', namedFiles(), last as unknown as Json);
}

/** Another version may have noted something else. */
function readLastBuild(store: string): LastBuild | undefined {
	const note = readNote(store, 'watched', namedFiles());
	return typeof note === 'object' && note !== null && 'files' in note && Array.isArray(note.files)
		? (note as unknown as LastBuild)
		: undefined;
}

/** What a note names is run only from a store of one's own: root may build with that of somebody else. */
function startLast(store: string, worker: string): StartedLaunch | undefined {
	try {
		const last = (readNote(store, 'launch', startersOf(worker)) ?? undefined) as unknown as Launch | undefined;
		if (last === undefined || [store, `${store}/memo`].some((directory) => statSync(directory).uid !== process.geteuid?.()))
			return undefined;
		return {launch: last, child: launch(last)};
	} catch {
		return undefined;
	}
}

function lookOf(path: string): string {
	try {
		const {dev, ino, mtimeMs, ctimeMs} = lstatSync(Buffer.from(path, 'latin1'));
		return `${dev} ${ino} ${mtimeMs} ${ctimeMs}`;
	} catch {
		return '';
	}
}

/** Which build it is: the same files, whatever it is to be called. */
function namedFiles(): string {
	return JSON.stringify([workingDirectory(), ...process.argv.slice(2).filter((word) => existsSync(word))]);
}

/** Empty when somebody has deleted it: a build of absolute paths needs none. */
function workingDirectory(): string {
	try {
		return process.cwd();
	} catch {
		return '';
	}
}

function startersOf(worker: string): string {
	return JSON.stringify([process.getuid?.(), process.getgid?.(), process.execPath, worker]);
}
