import type {BuildEvents} from '../../executor/build-events.ts';

const idWords: Readonly<Record<string, string>> = {multi: 'a range of user ids', single: 'one user id', root: "root's user ids"};

/** One line: what steps run with, and why it is not better. */
export function howStepsRun({driver, ids, isConfined, facts}: Parameters<BuildEvents['workerStarted']>[0]): string {
	const how = `steps run with the ${driver} driver and ${idWords[ids] ?? ids}${isConfined ? '' : ', without namespaces'}`;
	return facts.length === 0 ? how : `${how} (${facts.join('; ')})`;
}
