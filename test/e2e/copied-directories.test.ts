import type {ExecutionContext} from 'ava';
import test from 'ava';
import {execFileSync} from 'node:child_process';
import {readdirSync, rmSync, writeFileSync} from 'node:fs';
import {busybox, readBusybox} from '../support/busybox.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
/** Another store: there every copy is made by the worker. */
const other = new Workplace();
test.after.always(() => Promise.all([place.remove(), other.remove()]));

/** A context of a few files, with what a copy may meet. */
function contextOf(lines: string, script = ':'): string {
	const context = place.context({Boxfile: lines});
	const nasty = `mkdir -p tree/sub/empty; echo one > tree/file; ln tree/file tree/sub/hard; echo two > tree/sub/two; : > tree/nothing
		ln -s file tree/link; ln -s nowhere tree/dangling; mkfifo tree/fifo; chmod 1777 tree/sub/empty; echo s > tree/setuid; chmod 4755 tree/setuid
		echo n > tree/$'new\\nline'; echo b > tree/$'\\xff\\xfe'; head -c 300000 /dev/zero | tr '\\0' q > tree/large; echo below > below`;
	execFileSync('bash', ['--norc', '-euc', `umask 022; ${nasty}; ${script}`], {cwd: context});
	return context;
}

/** Builds after a change; whether the image is what a build from nothing makes, and whether a worker was needed for it. */
async function rebuilt(
	t: ExecutionContext,
	context: string,
	script: string,
): Promise<{readonly digest: string; readonly needsWorker: boolean}> {
	execFileSync('bash', ['--norc', '-euc', script], {cwd: context});
	const {stderr} = await place.built(t, context, ['--progress', 'plain']);
	const digest = await place.digest(t, context);
	t.is(digest, await other.digest(t, context, ['--no-cache']), script);
	return {digest, needsWorker: stderr.includes('steps run with')};
}

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
		const first = (await rebuilt(t, context, 'true')).digest;
		for (const script of [
			'echo changed > below',
			'echo longer than before > below',
			': > below',
			'head -c 400000 /dev/urandom > tree/large',
		]) {
			const {needsWorker} = await rebuilt(t, context, script);
			t.false(needsWorker, script);
		}
		t.is((await rebuilt(t, context, 'echo below > below; head -c 300000 /dev/zero | tr "\\0" q > tree/large')).digest, first);
	});
}

for (const lines of [
	'FROM scratch\nCOPY --chown=3:4 tree /d/\n',
	'FROM scratch\nCOPY --chmod=200 tree /d/\n',
	'FROM scratch\nCOPY tree <<EOF /d/\nhello\nEOF\n',
]) {
	test.serial(`owners, files that cannot be read and those of the Boxfile are the worker's: ${lines.replaceAll('\n', '; ')}`, async (t) => {
		const context = contextOf(lines);
		const first = (await rebuilt(t, context, 'true')).digest;
		const {digest, needsWorker} = await rebuilt(t, context, 'echo changed > tree/sub/two');
		t.true(needsWorker);
		t.not(digest, first);
	});
}

test.serial('of copies on each other each gets what changes', async (t) => {
	const context = contextOf('FROM scratch\nCOPY below tree/file /d/\nCOPY tree below /d/\n');
	const digests = new Set([(await rebuilt(t, context, 'true')).digest]);
	for (const script of ['echo first > tree/sub/two', 'echo both > below', 'echo both > tree/file', 'echo second > tree/sub/two']) {
		const {digest} = await rebuilt(t, context, script);
		t.false(digests.has(digest), script);
		digests.add(digest);
	}
});

test.serial('after any other change the worker makes the layer', async (t) => {
	const context = contextOf('FROM scratch\nCOPY tree /d/\n');
	const digests = new Set([(await rebuilt(t, context, 'true')).digest]);
	for (const script of [
		'chmod 600 tree/sub/two',
		'echo more > tree/new',
		'rm tree/new; echo more > tree/newer',
		'ln -sf sub tree/link',
		'rm tree/sub/hard; echo single > tree/sub/hard',
		'rmdir tree/sub/empty',
		'rm tree/sub/two; mkdir tree/sub/two',
	]) {
		const {digest, needsWorker} = await rebuilt(t, context, script);
		t.true(needsWorker, script);
		t.false(digests.has(digest), script);
		digests.add(digest);
	}
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

when(busybox, 'a step above a small copy sees the changed file, with owner, mode and time as ever', async (t) => {
	const show = 'find /d -exec stat -c "%n %F %a %u:%g %Y %h" {} + | sort > /seen; cat /d/file /d/sub/hard >> /seen';
	const context = contextOf(`FROM scratch\nCOPY --chmod=755 sh /bin/sh\nCOPY tree /d/\nRUN /bin/sh -c '${show}'\n`);
	writeFileSync(`${context}/sh`, readBusybox(), {mode: 0o755});
	const digests = new Set([(await rebuilt(t, context, 'true')).digest]);
	for (const script of ['echo again > tree/file', 'echo third > tree/sub/two; echo four > tree/nothing']) {
		const {digest} = await rebuilt(t, context, script);
		t.false(digests.has(digest));
		digests.add(digest);
	}
});
