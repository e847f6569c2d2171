import {readFileSync} from 'node:fs';
import {sha256} from '../core/digest.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';
import type {TarEntry} from '../tar/entry.ts';

/** Writes one JSON line per entry and a last line with the digest of all before it. */
export function writeLayerIndex(path: string, entries: Iterable<TarEntry>): void {
	const lines: string[] = [];
	for (const entry of entries) lines.push(JSON.stringify(entry));
	lines.push('');
	const text = lines.join('\n');
	writeFileAtomic(path, `${text}${JSON.stringify({entries: lines.length - 1, digest: sha256(text)})}\n`, {sync: false});
}

/** The entries, or undefined when the file is missing, cut or changed. */
export function readLayerIndex(path: string): TarEntry[] | undefined {
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
	return lines.slice(0, -1).map((line) => JSON.parse(line) as TarEntry);
}
