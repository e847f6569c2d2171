import test from 'ava';
import {closeSync, openSync, readFileSync} from 'node:fs';
import {Socket} from 'node:net';
import {text} from 'node:stream/consumers';
import {SystemCallError} from '../../src/host/libc.ts';
import {openPipe} from '../../src/host/pipe.ts';
import {endOf, spawnProcess} from '../../src/host/spawn-process.ts';

interface Ended {
	readonly output: string;
	readonly status: number;
}

async function run(
	args: readonly string[],
	{env = [], ownSession = false}: {env?: readonly string[]; ownSession?: boolean} = {},
): Promise<Ended> {
	const input = openSync('/dev/null', 'r');
	const {readEnd, writeEnd} = openPipe();
	const pid = spawnProcess({path: args[0] ?? '', args, env, descriptors: [input, writeEnd, writeEnd], ownSession});
	closeSync(input);
	closeSync(writeEnd);
	const output = await text(new Socket({fd: readEnd, readable: true, writable: false}));
	return {output, status: await endOf(pid)};
}

test('a program gets exactly its arguments, environment and descriptors', async (t) => {
	const {output, status} = await run(
		['/bin/sh', '-c', 'echo "$0 $1 $A"; env | grep -v -e ^PWD= -e ^_=; ls /proc/$$/fd; exit 7', 'name', 'a b'],
		{
			env: ['A=1 2', 'PATH=/usr/bin:/bin'],
		},
	);
	const [first, ...rest] = output.trim().split('\n');
	t.is(first, 'name a b 1 2');
	t.deepEqual(rest.slice(0, 2).sort(), ['A=1 2', 'PATH=/usr/bin:/bin']);
	t.deepEqual(
		rest.slice(2).filter((name) => /^\d+$/v.test(name) && Number(name) < 10),
		['0', '1', '2'],
	);
	t.is(status, 7 << 8);
});

test('no signal is blocked or ignored, whatever this process does', async (t) => {
	// Node ignores SIGPIPE.
	t.not(maskOf(readFileSync('/proc/self/status', 'utf8'), 'SigIgn'), 0n);
	const {output} = await run(['/bin/cat', '/proc/self/status']);
	t.is(maskOf(output, 'SigIgn'), 0n);
	t.is(maskOf(output, 'SigBlk'), 0n);
});

test('a session of its own is one', async (t) => {
	const field = 'read -r pid _ _ _ _ session _ < /proc/self/stat; test "$session" = "$$"';
	t.is((await run(['/bin/sh', '-c', field], {ownSession: true})).status, 0);
	t.not((await run(['/bin/sh', '-c', field])).status, 0);
});

test('a signal shows in the wait status', async (t) => {
	t.is((await run(['/bin/sh', '-c', 'kill -9 $$'])).status & 0x7f, 9);
});

test('a program that is not there is an error with the path', async (t) => {
	const error = await t.throwsAsync(run(['/no/such/program']), {instanceOf: SystemCallError, message: /\/no\/such\/program/v});
	t.is(error?.code, 'ENOENT');
});

test('a process that is no child is an error and not a success', async (t) => {
	await t.throwsAsync(endOf(process.pid), {message: /cannot be waited for/v});
});

function maskOf(status: string, name: string): bigint {
	return BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'mv').exec(status)?.[1] ?? 'f'}`);
}
