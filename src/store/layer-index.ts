import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {sha256} from '../core/digest.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';
import type {TarEntry} from '../tar/entry.ts';

/** Bytes of lines that are encoded together. */
const pieceSize = 1 << 20;

/** Writes one JSON line per entry and a last line with the digest of all before it. Layers have millions of entries: no line is kept as a string. */
export function writeLayerIndex(path: string, entries: Iterable<TarEntry>): void {
	writeIndexLines(path, linesOf(entries));
}

function* linesOf(entries: Iterable<TarEntry>): Generator<string> {
	for (const entry of entries) yield JSON.stringify(entry);
}

/** The same of entries that are JSON already. */
export function writeIndexLines(path: string, lines: Iterable<string>): void {
	const hash = createHash('sha256');
	const pieces: Buffer[] = [];
	let text = '';
	let count = 0;
	const flush = (): void => {
		const piece = Buffer.from(text);
		hash.update(piece);
		pieces.push(piece);
		text = '';
	};
	for (const line of lines) {
		text += `${line}\n`;
		count += 1;
		if (text.length > pieceSize) flush();
	}
	flush();
	pieces.push(Buffer.from(`${JSON.stringify({entries: count, digest: `sha256:${hash.digest('hex')}`})}\n`));
	writeFileAtomic(path, Buffer.concat(pieces), {sync: false});
}

/** The entries, or undefined when the file is missing, cut or changed. */
export function readLayerIndex(path: string): TarEntry[] | undefined {
	return readIndexLines(path)?.map((line) => JSON.parse(line) as TarEntry);
}

/** The same, each entry as JSON. */
export function readIndexLines(path: string): string[] | undefined {
	let file: string;
	try {
		file = readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
	const end = file.lastIndexOf('\n', file.length - 2) + 1;
	const text = file.slice(0, end);
	const lines = text.split('\n');
	if (file.slice(end) !== `${JSON.stringify({entries: lines.length - 1, digest: sha256(text)})}\n`) return undefined;
	return lines.slice(0, -1);
}
