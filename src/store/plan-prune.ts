import type {Survey, Surveyed, SurveyedRecord} from './survey.ts';

export interface PruneOptions {
	/** All that no tag and no live build needs. */
	readonly all?: boolean;
	/** What was last used before this time, milliseconds since 1970. */
	readonly olderThan?: number;
	/** The least recently used until the layers and blobs have at most so many bytes. */
	readonly keepBytes?: number;
}

export interface Protected {
	/** Digests that tags lead to. */
	readonly inUse: ReadonlySet<string>;
	/** Digests that live builds named. */
	readonly pins: ReadonlySet<string>;
	/** Start of the oldest live build: newer things may be its work. */
	readonly liveSince: number;
}

export interface PrunePlan {
	/** 64 hex digits each. */
	readonly layers: readonly string[];
	readonly blobs: readonly string[];
	/** Paths. */
	readonly steps: readonly string[];
	readonly memos: readonly string[];
	readonly temporaries: readonly string[];
	readonly bytes: number;
}

/** A writer that has not written for so long is dead. */
const temporaryAge = 60 * 60 * 1000;
const temporaryAgeAlone = 60 * 1000;

/**
 * What to delete. An item is as old as the newest of its own record and of those that name it. Without options only what is of no use goes:
 * unfinished layers, records whose layer is gone, blobs that nothing names.
 */
export function planPrune(survey: Survey, keep: Protected, options: PruneOptions, now = Date.now()): PrunePlan {
	const items = [...survey.layers, ...survey.blobs];
	const used = lastUses(survey);
	const free = items
		.map((item) => ({...item, lastUse: used.get(item.name) ?? item.lastUse}))
		.filter(({name, lastUse}) => !keep.inUse.has(name) && !keep.pins.has(name) && lastUse < keep.liveSince);
	const gone = choose(items, free, options);
	const unfinished = new Set(survey.layers.flatMap(({name, complete}) => (complete ? [] : name)));
	for (const {name} of free) if (unfinished.has(name)) gone.add(name);
	const layers = new Set(survey.layers.map(({name}) => name));
	const steps = survey.steps.filter((record) => isOver(record, layers, gone, keep, options));
	const memos = survey.memos.filter((record) => isOver(record, layers, gone, keep, options));
	const named = namesIn(survey, new Set<Surveyed>([...steps, ...memos]), gone);
	const blobs = new Set(survey.blobs.map(({name}) => name));
	for (const {name} of free) if (blobs.has(name) && !named.has(name)) gone.add(name);
	const age = keep.liveSince === Infinity ? temporaryAgeAlone : temporaryAge;
	return {
		layers: survey.layers.flatMap(({name}) => (gone.has(name) ? hexName(name) : [])),
		blobs: survey.blobs.flatMap(({name}) => (gone.has(name) ? hexName(name) : [])),
		steps: steps.map(({name}) => name),
		memos: memos.map(({name}) => name),
		temporaries: survey.temporaries.filter((file) => now - file.lastUse > age).map(({name}) => name),
		bytes: items.reduce((sum, {name, bytes}) => (gone.has(name) ? sum + bytes : sum), 0),
	};
}

/** What the options ask for, least recently used first. */
function choose(items: readonly Surveyed[], free: readonly Surveyed[], options: PruneOptions): Set<string> {
	const {all = false, olderThan = -Infinity, keepBytes = Infinity} = options;
	const gone = new Set<string>();
	let rest = items.reduce((sum, {bytes}) => sum + bytes, 0);
	for (const {name, bytes, lastUse} of free.toSorted((a, b) => a.lastUse - b.lastUse)) {
		if (!all && lastUse >= olderThan && rest <= keepBytes) break;
		gone.add(name);
		rest -= bytes;
	}
	return gone;
}

/** A record is over when something it needs is gone; one that needs nothing goes by its age. */
function isOver(
	record: SurveyedRecord,
	layers: ReadonlySet<string>,
	gone: ReadonlySet<string>,
	keep: Protected,
	options: PruneOptions,
): boolean {
	if (record.lastUse >= keep.liveSince) return false;
	// As long as an image needs the blob; whether the store has it makes no difference.
	if (record.isOrigin === true && record.needs.some((name) => keep.inUse.has(name) || keep.pins.has(name))) return false;
	if (record.needs.length === 0 || record.isOrigin === true)
		return options.all === true || record.lastUse < (options.olderThan ?? -Infinity);
	return record.needs.some((name) => gone.has(name) || (record.isStep && !layers.has(name)));
}

function namesIn(survey: Survey, over: ReadonlySet<Surveyed>, gone: ReadonlySet<string>): Set<string> {
	const records = [...survey.steps, ...survey.memos].filter((record) => !over.has(record) && record.isOrigin !== true);
	const layers = survey.layers.filter(({name}) => !gone.has(name));
	return new Set([...records.flatMap(({needs}) => needs), ...layers.flatMap(({blob}) => blob ?? [])]);
}

function lastUses(survey: Survey): ReadonlyMap<string, number> {
	const found = new Map<string, number>();
	const note = (name: string, time: number): void => void found.set(name, Math.max(found.get(name) ?? 0, time));
	for (const {name, lastUse} of [...survey.layers, ...survey.blobs]) note(name, lastUse);
	for (const {needs, lastUse} of [...survey.steps, ...survey.memos]) for (const name of needs) note(name, lastUse);
	for (const {name, blob} of survey.layers) if (blob !== undefined) note(blob, found.get(name) ?? 0);
	return found;
}

function hexName(name: string): string {
	return name.slice('sha256:'.length);
}
