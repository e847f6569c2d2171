import test from 'ava';
import {execFileSync} from 'node:child_process';
import {mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {busybox, readBusybox} from '../support/busybox.ts';
import {Rebuilds} from '../support/rebuild.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
/** Another store: there every copy is made by the worker. */
const other = new Workplace();
test.after.always(() => Promise.all([place.remove(), other.remove()]));

/** A context of a few files, with what a copy may meet. */
function contextOf(lines: string): string {
	const context = place.context({Boxfile: lines});
	const nasty = `mkdir -p tree/sub/empty; echo one > tree/file; ln tree/file tree/sub/hard; echo two > tree/sub/two; : > tree/nothing
		ln -s file tree/link; ln -s nowhere tree/dangling; mkfifo tree/fifo; chmod 1777 tree/sub/empty; echo s > tree/setuid; chmod 4755 tree/setuid
		echo n > tree/$'new\\nline'; echo b > tree/$'\\xff\\xfe'; head -c 300000 /dev/zero | tr '\\0' q > tree/large; echo below > below`;
	execFileSync('bash', ['--norc', '-euc', `umask 022; ${nasty}`], {cwd: context});
	return context;
}

const rebuilds = new Rebuilds(place, async (t, context, digest) => {
	t.is(digest, await other.digest(t, context, ['--no-cache']));
});

const copies = [
	'FROM scratch\nCOPY tree /d/\n',
	'FROM scratch\nCOPY . /\n',
	'FROM scratch\nCOPY --chmod=u+x,g=r tree /d\n',
	'FROM scratch\nCOPY --link tree /d\n',
	'FROM scratch\nCOPY --parents tree/sub/* tree/large /d/\n',
	'FROM scratch\nCOPY tree/nothing /d/below\nCOPY --exclude=link . /e\nENV A=1\n',
	'FROM scratch\nCOPY tree/file below tree/sub/two below /d/\n',
];
for (const lines of copies) {
	test.serial(`after a change of contents a small layer is made without the worker: ${lines.replaceAll('\n', '; ')}`, async (t) => {
		const context = contextOf(lines);
		const changes = ['echo changed > below', 'echo longer than before > below', ': > below', 'head -c 400000 /dev/urandom > tree/large'];
		// Not every copy takes all of these files.
		const first = (await rebuilds.after(t, context, 'true')).digest;
		for (const change of changes) t.false((await rebuilds.after(t, context, change)).needsWorker, change);
		const back = 'echo below > below; head -c 300000 /dev/zero | tr "\\0" q > tree/large';
		t.is((await rebuilds.after(t, context, back)).digest, first);
	});
}

for (const lines of [
	'FROM scratch\nCOPY --chown=3:4 tree /d/\n',
	'FROM scratch\nCOPY --chmod=200 tree /d/\n',
	'FROM scratch\nCOPY tree <<EOF /d/\nhello\nEOF\n',
]) {
	test.serial(`owners, files that cannot be read and those of the Boxfile are the worker's: ${lines.replaceAll('\n', '; ')}`, async (t) => {
		const context = contextOf(lines);
		await rebuilds.afterEach(t, context, ['echo changed > tree/sub/two'], {worker: true});
	});
}

test.serial('of copies on each other each gets what changes', async (t) => {
	const context = contextOf('FROM scratch\nCOPY below tree/file /d/\nCOPY tree below /d/\n');
	const digests = new Set([(await rebuilds.after(t, context, 'true')).digest]);
	for (const script of ['echo first > tree/sub/two', 'echo both > below', 'echo both > tree/file', 'echo second > tree/sub/two'])
		digests.add((await rebuilds.after(t, context, script)).digest);
	t.is(digests.size, 5);
});

test.serial('after any other change the worker makes the layer', async (t) => {
	const context = contextOf('FROM scratch\nCOPY tree /d/\n');
	const changes = [
		'chmod 600 tree/sub/two',
		'echo more > tree/new',
		'rm tree/new; echo more > tree/newer',
		'ln -sf sub tree/link',
		'rm tree/sub/hard; echo single > tree/sub/hard',
		'rmdir tree/sub/empty',
		'rm tree/sub/two; mkdir tree/sub/two',
	];
	await rebuilds.afterEach(t, context, changes, {worker: true});
});

test.serial('a copied layer whose index or directory is gone is made anew', async (t) => {
	const fresh = new Workplace();
	try {
		const context = contextOf('FROM scratch\nCOPY tree /d/\n');
		for (const part of ['index', 'layers']) {
			await fresh.built(t, context);
			for (const name of readdirSync(`${fresh.store}/${part}`)) rmSync(`${fresh.store}/${part}/${name}`, {recursive: true});
			writeFileSync(`${context}/tree/sub/two`, `without ${part}\n`);
			t.is(await fresh.digest(t, context), await other.digest(t, context, ['--no-cache']));
		}
	} finally {
		await fresh.remove();
	}
});

test.serial('a copy whose layer is there already leaves nothing, whatever its files are called', async (t) => {
	const fresh = new Workplace();
	try {
		const deep = Array.from({length: 12}, () => 'd'.repeat(250)).join('/');
		const context = contextOf('FROM scratch\nCOPY tree /d/\n');
		execFileSync('bash', ['--norc', '-euc', `cd tree; for part in ${deep.replaceAll('/', ' ')}; do mkdir $part; cd $part; done`], {
			cwd: context,
		});
		const digest = await fresh.digest(t, context);
		execFileSync('bash', ['--norc', '-euc', 'echo other > tree/sub/two'], {cwd: context});
		await fresh.built(t, context);
		// The steps are forgotten, the layers are not.
		rmSync(`${fresh.store}/steps`, {recursive: true});
		mkdirSync(`${fresh.store}/steps`);
		execFileSync('bash', ['--norc', '-euc', 'echo two > tree/sub/two'], {cwd: context});
		const {stderr, stdout} = await fresh.built(t, context, ['--progress', 'plain']);
		t.notRegex(stderr, /steps run with/v);
		t.regex(stdout, new RegExp(digest, 'v'));
		t.deepEqual(
			readdirSync(`${fresh.store}/run`).filter((name) => /^[0-9a-f]{16}$/v.test(name)),
			[],
		);
	} finally {
		await fresh.remove();
	}
});

when(busybox, 'a step above a small copy sees the changed file, with owner, mode and time as ever', async (t) => {
	const show = 'find /d -exec stat -c "%n %F %a %u:%g %Y %h" {} + | sort > /seen; cat /d/file /d/sub/hard >> /seen';
	const context = contextOf(`FROM scratch\nCOPY --chmod=755 sh /bin/sh\nCOPY tree /d/\nRUN /bin/sh -c '${show}'\n`);
	writeFileSync(`${context}/sh`, readBusybox(), {mode: 0o755});
	await rebuilds.afterEach(t, context, ['echo again > tree/file', 'echo third > tree/sub/two; echo four > tree/nothing'], {worker: true});
});
