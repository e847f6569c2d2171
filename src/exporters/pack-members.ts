import {ancestorsOf, compareRaw, rawOf} from '../core/raw-path.ts';
import {type ArchiveMember, packArchive} from '../tar/pack-archive.ts';
import type {Member} from './image-members.ts';

/** A tar of files and the directories above them in byte order, owned by 0:0, all of one time: same members, same bytes. */
export function packMembers(members: readonly Member[], mtime: number): AsyncGenerator<Uint8Array> {
	const made = new Set<string>();
	const ordered: ArchiveMember[] = [];
	for (const member of members.toSorted((a, b) => compareRaw(rawOf(a.path), rawOf(b.path)))) {
		for (const directory of ancestorsOf(rawOf(member.path))) {
			if (!made.has(directory)) ordered.push({path: `${directory}/`, size: 0});
			made.add(directory);
		}
		ordered.push(member);
	}
	return packArchive(ordered, mtime);
}
