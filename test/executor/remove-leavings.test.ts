import {chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {removeLeavings} from '../../src/executor/remove-leavings.ts';
import {scratch} from '../support/store-support.ts';

/** What the kernel leaves: directories that only root of the namespace may enter. */
function leave(directory: string): void {
	const names = ['work', 'work/incompat', 'work/incompat/volatile'];
	mkdirSync(`${directory}/work/${names.at(-1)}`, {recursive: true});
	writeFileSync(`${directory}/work/work/incompat/volatile/dirty`, '');
	for (const name of names.toReversed()) chmodSync(`${directory}/work/${name}`, 0);
}

test('a directory goes whose layer has moved', (t) => {
	const directory = `${scratch(t)}/s1`;
	leave(directory);
	removeLeavings(directory);
	t.false(existsSync(directory));
	removeLeavings(directory);
});

test('a layer that is still there, and what others have left, stays', (t) => {
	const directory = `${scratch(t)}/s1`;
	leave(directory);
	mkdirSync(`${directory}/upper/etc`, {recursive: true});
	removeLeavings(directory);
	t.deepEqual(readdirSync(directory, {recursive: true}).sort(), ['upper', 'upper/etc']);
	mkdirSync(`${directory}/work/other`, {recursive: true});
	removeLeavings(directory);
	t.true(existsSync(`${directory}/work/other`));
});
