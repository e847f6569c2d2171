import {ancestorsOf, compareRaw, rawOf} from '../core/raw-path.ts';
import {encodeEntry, endOfArchive, paddingOf} from '../tar/write-entry.ts';
import type {Member} from './image-members.ts';

/** A tar of files and the directories above them in byte order, owned by 0:0, all of one time: same members, same bytes. */
export async function* packMembers(members: readonly Member[], mtime: number): AsyncGenerator<Uint8Array> {
	const made = new Set<string>();
	const common = {uid: 0, gid: 0, mtime};
	for (const {path: text, size, open} of members.toSorted((a, b) => compareRaw(rawOf(a.path), rawOf(b.path)))) {
		const path = rawOf(text);
		for (const directory of ancestorsOf(path)) {
			if (!made.has(directory)) yield encodeEntry({path: directory, type: 'directory', mode: 0o755, size: 0, ...common});
			made.add(directory);
		}
		yield encodeEntry({path, type: 'file', mode: 0o644, size, ...common});
		let written = 0;
		for await (const chunk of open()) {
			written += chunk.length;
			yield chunk;
		}
		if (written !== size) throw new Error(`${text} has ${written} bytes, ${size} were announced`);
		yield Buffer.alloc(paddingOf(size));
	}
	yield endOfArchive;
}
