import test from 'ava';
import {chmodSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {fuse, manyIds, notRoot} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {Workplace, writeFiles} from '../support/workplace.ts';

/** Makes, changes, deletes, links and swaps; nothing in it is a number by chance. */
const files = busyboxFiles(
	`WORKDIR /work
COPY data .
RUN mkdir -p many/deep && for i in $(seq 200); do echo $i > many/deep/$i; done && ln many/deep/1 hard && ln -s hard soft
RUN rm -r many/deep/7 many/deep/8 && chmod 750 many && mv many/deep/9 moved && rm -r sub && ln -s many sub
RUN rm sub && mkdir sub && echo new > sub/new && touch many/deep/10 && chmod 4755 /bin/busybox
RUN for i in $(seq 50); do echo b$i > /tmp/b$i & done; wait; mkfifo pipe; truncate -s 3000000 sparse
`,
	{'data/one.txt': 'one\n', 'data/sub/two.txt': 'two\n', 'data/bin/three': '#!/bin/sh\n'},
);

const first = new Workplace();
test.after.always(() => first.remove());
let expected = '';

/** The digest of a build in a new store, which must be another than before for the builds to say something. */
async function digestIn(
	t: Parameters<Workplace['digest']>[0],
	what: Parameters<Workplace['digest']>[1],
	args: readonly string[] = [],
	options = {},
) {
	const place = new Workplace();
	try {
		return await place.digest(t, what, args, options);
	} finally {
		await place.remove();
	}
}

when(busybox, 'a build has a digest', async (t) => {
	expected = await first.digest(t, files);
	t.regex(expected, /^sha256:[0-9a-f]{64}$/v);
});

when(busybox, 'it is the same from another directory into another store at another time', async (t) => {
	await setTimeout(1100);
	t.is(await digestIn(t, files), expected);
});

for (const mask of ['077', '022', '000']) {
	when(busybox, `it is the same with umask ${mask} and the same modes of files`, async (t) => {
		const context = first.fresh('umask');
		const before = process.umask(Number.parseInt(mask, 8));
		try {
			writeFiles(context, files);
			chmodSync(context, 0o700);
			for (const name of ['data/sub', 'data/bin', 'data', 'bin', 'etc']) chmodSync(`${context}/${name}`, 0o755);
		} finally {
			process.umask(before);
		}
		t.is(await digestIn(t, context, [], {under: ['sh', '-c', `umask ${mask}; exec "$@"`, 'sh']}), expected);
	});
}

when([busybox, fuse], 'it is the same with --driver fuse', async (t) => {
	t.is(await digestIn(t, files, ['--driver', 'fuse']), expected);
});

when([busybox, notRoot], 'it is the same with --ids single', async (t) => {
	t.is(await digestIn(t, files, ['--ids', 'single']), expected);
});

when([busybox, notRoot, manyIds], 'it is the same with --ids multi', async (t) => {
	t.is(await digestIn(t, files, ['--ids', 'multi']), expected);
});

when(busybox, 'it is the same one step at a time, in another locale and time zone', async (t) => {
	t.is(
		await digestIn(t, files, ['--jobs', '1'], {env: {TZ: 'Asia/Tokyo', LC_ALL: 'tr_TR.UTF-8', USER: 'somebody', HOME: '/nonexistent'}}),
		expected,
	);
});

when(busybox, 'another epoch is another digest, and SOURCE_DATE_EPOCH is the same as --epoch', async (t) => {
	const given = await digestIn(t, files, ['--epoch', '1700000000']);
	t.not(given, expected);
	t.is(await digestIn(t, files, [], {env: {SOURCE_DATE_EPOCH: '1700000000'}}), given);
});
