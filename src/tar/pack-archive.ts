import {pack, type Pack} from 'tar-stream';

/** A file of an archive, or a directory when it has no content. Its path is ASCII; that of a directory ends with `/`. */
export interface ArchiveMember {
	readonly path: string;
	readonly size: number;
	readonly open?: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A tar of tar-stream in the given order, owned by 0:0, all of one time: same members, same bytes. */
export async function* packArchive(members: Iterable<ArchiveMember>, mtime: number): AsyncGenerator<Uint8Array> {
	const archive = pack();
	const feeding = feed(archive, members, mtime).catch((error: unknown) => archive.destroy(error as Error));
	try {
		yield* archive as AsyncIterable<Uint8Array>;
	} finally {
		archive.destroy();
		await feeding;
	}
}

async function feed(archive: Pack, members: Iterable<ArchiveMember>, mtime: number): Promise<void> {
	// tar-stream cuts times to 32 bits: others go into a PAX record.
	const isPlain = mtime >= 0 && mtime < 2 ** 31;
	const time = {mtime: new Date(isPlain ? mtime * 1000 : 0), ...(isPlain ? {} : {pax: {mtime: `${mtime}`}})};
	for (const {path, size, open} of members) {
		if (open === undefined) archive.entry({name: path, type: 'directory', mode: 0o755, ...time});
		else if (!(await writeFile(archive, {name: path, type: 'file', mode: 0o644, size, ...time}, open()))) return;
	}
	archive.finalize();
}

type FileHeader = Parameters<Pack['entry']>[0] & {readonly size: number};

/** False when nobody reads any more. */
async function writeFile(archive: Pack, header: FileHeader, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<boolean> {
	let wake = (): void => {};
	let ended = false;
	const file = archive.entry(header, () => {
		ended = true;
		wake();
	});
	file.on('drain', () => wake());
	file.on('close', () => wake());
	// What went wrong is thrown to the reader of the archive.
	file.on('error', () => {});
	const woken = (): Promise<void> =>
		new Promise((resolve) => {
			wake = resolve;
		});
	let written = 0;
	for await (const chunk of content) {
		written += chunk.length;
		if (written > header.size) break;
		if (!file.write(chunk) && !file.destroyed) await woken();
		if (file.destroyed) return false;
	}
	if (written !== header.size) throw new Error(`${header.name} has another size than the ${header.size} bytes that were announced`);
	file.end(undefined);
	if (!ended && !file.destroyed) await woken();
	return !file.destroyed || ended;
}
