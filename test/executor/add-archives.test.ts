import {inNamespace} from '../support/in-namespace.ts';
import {hasProgram, manyIds} from '../support/requirements.ts';
import {when} from '../support/when.ts';

interface Added {
	readonly index: readonly string[];
	readonly isOnDisk: boolean;
	readonly diffId: string;
}

const programs = ['gzip', 'xz', 'bzip2', 'zstd'].filter(hasProgram);
const results = (manyIds.holds ? inNamespace(new URL('add-archives-script.js', import.meta.url), programs.join(' ')) : {}) as {
	readonly [name in 'one' | 'owned' | 'mixed' | 'again' | 'kept']: Added;
} & {readonly packed: readonly Added[]};

when(manyIds, 'an archive is unpacked into the destination with its owners and times', (t) => {
	t.deepEqual(results.one.index, [
		'dst directory 755 0:0 0 5',
		'dst/d directory 750 7:8 0 11user.a',
		'dst/d/one file 644 7:8 4 11',
		'dst/h hardlink 644 7:8 0 11 dst/d/one',
		'dst/l symlink 777 7:8 0 11 d',
		'dst/x file 644 7:8 6 11',
	]);
	t.true(results.one.isOnDisk);
});

when(manyIds, 'several archives and files make one layer, the later on top, all of the owner that was given', (t) => {
	t.deepEqual(results.owned.index, [
		'dst directory 755 10:20 0 5',
		'dst/d directory 700 10:20 0 22',
		'dst/d/e directory 755 10:20 0 22',
		'dst/d/e/f file 644 10:20 2 22',
		'dst/d/one file 644 10:20 4 22',
		'dst/d/two file 644 10:20 4 22',
		'dst/h file 644 10:20 4 11',
		'dst/h2 hardlink 644 10:20 0 22 dst/d/two',
		'dst/i file 644 10:20 6 5',
		'dst/l symlink 777 10:20 0 11 d',
		'dst/x file 644 10:20 6 5',
		'dst/y file 644 10:20 5 5',
	]);
	t.true(results.owned.isOnDisk);
});

when(manyIds, 'the destination may be behind a symlink, and an archive may replace a file', (t) => {
	t.deepEqual(results.mixed.index, [
		'real directory 755 0:0 0 3',
		'real/d directory 700 7:8 0 22',
		'real/d/e directory 755 7:8 0 22',
		'real/d/e/f file 644 7:8 2 22',
		'real/d/one file 644 7:8 4 22',
		'real/d/two file 644 7:8 4 22',
		'real/h file 644 7:8 4 11',
		'real/h2 hardlink 644 7:8 0 22 real/d/two',
		'real/l symlink 777 7:8 0 11 d',
		'real/x file 644 7:8 6 11',
	]);
	t.true(results.mixed.isOnDisk);
});

when(manyIds, 'the same archive twice is the same as once', (t) => {
	t.is(results.again.diffId, results.one.diffId);
	t.true(results.again.isOnDisk);
});

when(manyIds, 'an archive that is not to be unpacked is copied', (t) => {
	t.deepEqual(
		results.kept.index.map((line) => line.split(' ', 2).join(' ')),
		['dst directory', 'dst/one.tar file'],
	);
});

for (const [position, program] of programs.entries()) {
	when(manyIds, `an archive is unpacked whatever compressed it: ${program}`, (t) => {
		t.is(results.packed[position]?.diffId, results.one.diffId);
		t.true(results.packed[position]?.isOnDisk);
	});
}
