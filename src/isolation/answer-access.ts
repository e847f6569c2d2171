import type {PathDescriptor} from '../host/path-descriptor.ts';
import {type Answer, type Caller, goOn, refuse} from './answer.ts';
import {afterProgram, type Credentials, isAllowed, rights} from './credentials.ts';
import type {AccessArguments, FilePlace} from './file-arguments.ts';
import {factsOf} from './file-owner.ts';
import type {Identities} from './identities.ts';
import {waysTo, withFile} from './process-file.ts';

/** Whose rights count. */
interface Somebody {
	readonly user: number;
	readonly group: number;
	readonly groups: readonly number[];
}

/** The ids of a process that count for files. */
export function somebodyOf({user, group, groups}: Credentials, by: AccessArguments['by'] = 'file'): Somebody {
	return {user: user[by], group: group[by], groups};
}

/** True when somebody may search every directory on the way to a file. */
export function canReach(file: PathDescriptor, who: Somebody, caller: Caller): boolean {
	for (const directory of waysTo(file, caller.thread)) if (!isAllowed(factsOf(directory), who, rights.execute)) return false;
	return true;
}

/** Says no to whom the modes forbid it; everything else, as a file system that is read-only, the kernel knows. */
export function access({file: place, wanted, by}: AccessArguments, caller: Caller, identities: Identities): Answer {
	const who = somebodyOf(identities.of(caller.thread), by);
	if (who.user === 0) return goOn;
	return withFile(place, caller.thread, (file) =>
		canReach(file, who, caller) && isAllowed(factsOf(file), who, wanted) ? goOn : refuse('EACCES'),
	);
}

const scriptMark = Buffer.from('#!');

/** A process is about to become the program in a file; its bits may make it somebody else. */
export function start(place: FilePlace, caller: Caller, identities: Identities): Answer {
	return withFile(place, caller.thread, (file) => {
		const before = identities.of(caller.thread);
		const facts = factsOf(file);
		const who = somebodyOf(before);
		if (who.user !== 0 && !(isAllowed(facts, who, rights.execute) && canReach(file, who, caller))) return refuse('EACCES');
		// The bits of a script mean nothing (execve(2)).
		const bits = (facts.mode & 0o6000) === 0 || file.read(scriptMark.length).equals(scriptMark) ? 0 : facts.mode;
		identities.become(caller.thread, afterProgram(before, {...facts, mode: bits}), () => caller.isWaiting());
		return goOn;
	});
}
