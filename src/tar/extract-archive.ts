import {extract, type Extract, type Header} from 'tar-stream';
import {rawOf} from '../core/raw-path.ts';
import {ArchiveFault, type ArchiveFaultKind} from './archive-fault.ts';
import {entryOf} from './entry-of-header.ts';
import type {EntrySink, VisitEntry} from './read-entries.ts';
import {type ReadLimits, usualLimits} from './read-limits.ts';
import {applySparse, SparseSink} from './sparse.ts';

const flags: Readonly<Record<Header['type'], string>> = {
	file: '0',
	link: '1',
	symlink: '2',
	'character-device': '3',
	'block-device': '4',
	directory: '5',
	fifo: '6',
	'contiguous-file': '7',
};
/** tar-stream tells what is wrong by the beginning of its messages only. */
const faults: readonly (readonly [message: string, kind: ArchiveFaultKind])[] = [
	['Invalid tar header', 'checksum'],
	['Invalid header', 'header'],
	['Header exceeds max size', 'header-too-large'],
	['Unexpected end of data', 'truncated'],
];

/**
 * Reads an image archive with tar-stream and hands out entries cleaned and checked as `readEntries` does it. Names in PAX records that are not
 * UTF-8 and sparse files of GNU's old format are beyond it. Throws ArchiveFault for what breaks the format or a limit.
 */
export async function extractArchive(input: AsyncIterable<Uint8Array>, visit: VisitEntry, limits: Partial<ReadLimits> = {}): Promise<void> {
	// Its types lack these options.
	const options: object = {filenameEncoding: 'latin1', allowUnknownFormat: true};
	const extraction = extract(options);
	const checks = new EntryChecks({...usualLimits, ...limits});
	let failure: {readonly error: unknown} | undefined;
	let fed = 0;
	const feeding = feed(extraction, input).then(
		(size) => {
			fed = size;
		},
		(error: unknown) => {
			failure = {error};
			extraction.destroy(new Error('the input failed'));
		},
	);
	try {
		for await (const source of extraction) {
			const sink = checks.open(source.header, visit);
			for await (const chunk of source as AsyncIterable<Buffer>) sink?.data(chunk);
			sink?.end();
		}
	} catch (error) {
		throw failure === undefined ? faultOf(error) : failure.error;
	} finally {
		extraction.destroy();
		await feeding;
	}
	// An archive of nothing but zero blocks is whole, an empty file is none.
	if (fed === 0) throw new ArchiveFault('truncated');
}

/** Bytes that were read; ends early when nobody extracts any more. */
async function feed(extraction: Extract, input: AsyncIterable<Uint8Array>): Promise<number> {
	let wake = (): void => {};
	extraction.on('drain', () => wake());
	extraction.on('close', () => wake());
	let fed = 0;
	for await (const chunk of input) {
		fed += chunk.length;
		if (!extraction.write(chunk) && !extraction.destroyed) {
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
		if (extraction.destroyed) return fed;
	}
	extraction.end(undefined);
	return fed;
}

class EntryChecks {
	readonly #limits: ReadLimits;
	#entries = 0;
	#bytes = 0;

	constructor(limits: ReadLimits) {
		this.#limits = limits;
	}

	open(header: Header, visit: VisitEntry): EntrySink | undefined {
		const {name, mode, uid, gid, size, devmajor: major, devminor: minor} = header;
		if (++this.#entries > this.#limits.entries) throw new ArchiveFault('too-many', {detail: `${this.#limits.entries}`});
		const pax = paxOf(header);
		const mtime = header.mtime.getTime() / 1000;
		if (![mode, uid, gid, size, mtime].every(Number.isSafeInteger)) throw new ArchiveFault('header', {entry: name});
		// tar-stream gives no type at all for those that it does not know, and a link's name as null for those that have none.
		const raw = {
			name: pax.get('path') ?? name,
			mode,
			uid,
			gid,
			size,
			mtime,
			flag: flags[header.type] ?? '?',
			link: header.linkname ?? '',
			major,
			minor,
		};
		const made = entryOf(raw, {pax}, this.#limits);
		const {entry, layout} = applySparse(made.entry, [], pax);
		this.#bytes += entry.size;
		if (this.#bytes > this.#limits.contentBytes)
			throw new ArchiveFault('too-large', {entry: entry.path, detail: `${this.#limits.contentBytes}`});
		const sink = visit(entry);
		return sink === undefined || layout === undefined ? sink : new SparseSink(sink, entry, layout, this.#limits);
	}
}

/** The records of an entry, as bytes again. */
function paxOf({pax}: Header): ReadonlyMap<string, string> {
	return new Map(Object.entries(pax ?? {}).map(([key, value]) => [rawOf(key), rawOf(String(value))]));
}

function faultOf(error: unknown): unknown {
	const message = error instanceof Error && !(error instanceof ArchiveFault) ? error.message : '';
	const kind = faults.find(([start]) => message.startsWith(start))?.[1];
	return kind === undefined ? error : new ArchiveFault(kind);
}
