import test from 'ava';
import {execFileSync} from 'node:child_process';
import {chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {readResult} from '../support/list-result.ts';
import {asNamespaceRoot} from '../support/namespace-root.ts';
import {met, never} from '../support/requirement.ts';
import {debianProgram, fuse, idModes} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

type Test = Parameters<Workplace['built']>[0];

const value = 'the-value-of-a-secret-5f1c';

/** Builds on busybox and returns the paths of the result and the file /out. */
async function result(
	t: Test,
	boxfile: string,
	args: readonly string[] = [],
	more: Record<string, string> = {},
): Promise<{paths: string; out: string}> {
	const tar = place.fresh('out.tar');
	await place.built(t, busyboxFiles(boxfile, more), ['-o', `type=tar,dest=${tar}`, ...args]);
	const paths = (await printedBy(['tar', '-tf', tar])).split('\n').filter((path) => !path.startsWith('bin/') && !path.startsWith('etc/'));
	return {paths: paths.join(' ').trim(), out: paths.includes('out') ? await printedBy(['tar', '-xOf', tar, 'out']) : ''};
}

function secretFile(): string {
	const path = place.fresh('secret');
	writeFileSync(path, value);
	return path;
}

/** Whether a file below the store holds the text. */
function storeHolds(text: string): boolean {
	const command = [...asNamespaceRoot(), 'grep', '-rqF', text, place.store];
	try {
		execFileSync(command[0] ?? '', command.slice(1), {stdio: 'ignore'});
		return true;
	} catch {
		return false;
	}
}

const leavesNothing = `RUN mkdir /there && echo x > /there/file
RUN --mount=type=tmpfs,target=/a/b/c --mount=type=tmpfs,target=/there/d --mount=type=secret,id=s,target=/there/s \\
    --mount=type=cache,target=/root/.cache --mount=target=/ctx --mount=type=secret,id=s \\
    test -d /a/b/c && test -d /there/d && test -s /there/s && test -s /run/secrets/s && test -d /root/.cache && test -s /ctx/Boxfile
`;

for (const driver of ['overlay', 'overlay-tmpfs', 'fuse', 'copy'] as const) {
	const needs = driver === 'fuse' ? [busybox, fuse] : [busybox];
	when(needs, `mount points leave nothing in a layer: ${driver}`, async (t) => {
		const {paths} = await result(t, leavesNothing, ['--driver', driver, '--secret', `id=s,src=${secretFile()}`, '--no-cache']);
		t.is(paths, 'there/ there/file');
	});

	when(needs, `a mount point in a directory that an earlier step deleted, beside files of the step: ${driver}`, async (t) => {
		const boxfile = `RUN mkdir -p /d/e && echo 1 > /d/e/f
RUN rm -r /d/e
RUN --mount=type=tmpfs,target=/d/e/f/g echo 1 > /d/new && ls /d/e > /out && ! rm -r /d 2>/dev/null
`;
		const {paths, out} = await result(t, boxfile, ['--driver', driver, '--no-cache']);
		t.is(out, 'f\n');
		t.is(paths, 'd/ out');
	});

	when(needs, `binds of the context and of a stage: read-only, or written to for nothing: ${driver}`, async (t) => {
		const boxfile = `RUN mkdir -p /data/d && echo one > /data/d/f && ln -s / /rootdir
FROM base
RUN --mount=target=/src cat /src/sub/file >> /out && ! touch /src/x 2>/dev/null
RUN --mount=source=sub,target=/src,rw cat /src/file >> /out && echo changed > /src/file && echo new > /src/new
RUN --mount=source=sub/file,target=/src/file,rw cat /src/file >> /out && echo changed > /src/file
RUN --mount=from=base,source=/data,target=/src cat /src/d/f >> /out && ! touch /src/x 2>/dev/null
RUN --mount=from=base,source=/rootdir/data/d,target=/src,rw cat /src/f >> /out && rm /src/f
RUN --mount=from=base,source=/data/d/f,target=/src cat /src >> /out
`;
		const files = {'sub/file': 'hello\n'};
		const {paths, out} = await result(t, boxfile, ['--driver', driver, '--no-cache'], files);
		t.is(out, 'hello\nhello\nhello\none\none\none\n');
		t.is(paths, 'data/ data/d/ data/d/f out rootdir');
	});
}

when(
	busybox,
	'a bind shows what the ignore file lets through, owned by root, and its content decides whether the step runs again',
	async (t) => {
		const boxfile = 'RUN --mount=target=/src,source=sub ls -ln /src > /out; date +%s >> /out; cat /proc/sys/kernel/random/uuid >> /out\n';
		const files = {'sub/a': '1', 'sub/hidden': 'h', '.dockerignore': 'sub/hidden\n'};
		const first = await result(t, boxfile, [], files);
		t.regex(first.out, /-rw-r--r-- +1 0 +0 +1 Jan +1 +1980 a\n/v);
		t.notRegex(first.out, /hidden/v);
		t.is((await result(t, boxfile, [], {...files, 'sub/hidden': 'other'})).out, first.out);
		t.not((await result(t, boxfile, [], {...files, 'sub/a': '2'})).out, first.out);
	},
);

when(busybox, 'a source that leads out of the context, or that is not there, is an error at the mount', async (t) => {
	const directory = place.context(busyboxFiles('RUN --mount=source=out,target=/x cat /x\n'));
	symlinkSync('/etc/hostname', `${directory}/out`);
	const ended = await place.build(directory);
	t.is(ended.code, 2, ended.stderr);
	t.regex(ended.stderr, /Boxfile:6:5/v);
	const inStage = await place.build(busyboxFiles('FROM base\nRUN --mount=from=base,source=/no/such,target=/x ls /x\n'));
	t.not(inStage.code, 0);
	t.regex(inStage.stderr, /Boxfile:7:5/v);
});

when(busybox, 'a cache stays from build to build and is shared by id', async (t) => {
	const boxfile = (id: string, text: string): string =>
		`RUN --mount=type=cache,id=${id},target=/c echo ${text} >> /c/log && cat /c/log > /out\n`;
	t.is((await result(t, boxfile('../../kept', 'one'))).out, 'one\n');
	t.is((await result(t, boxfile('../../kept', 'two'))).out, 'one\ntwo\n');
	t.is((await result(t, boxfile('../../kept', 'two'))).out, 'one\ntwo\n', 'a hit');
	t.is((await result(t, boxfile('other', 'three'))).out, 'three\n');
	const readOnly = 'RUN --mount=type=cache,id=other,target=/c,ro cat /c/log > /out; ! touch /c/x 2>/dev/null\n';
	t.is((await result(t, readOnly)).out, 'three\n');
});

when(busybox, 'a new cache starts with the files of a stage', async (t) => {
	const boxfile = `RUN mkdir /seed && echo s > /seed/f
FROM base
RUN --mount=type=cache,id=seeded,target=/c,from=base,source=/seed cat /c/f > /out && echo more >> /c/f
RUN --mount=type=cache,id=seeded,target=/c,from=base,source=/seed cat /c/f >> /out
`;
	t.is((await result(t, boxfile)).out, 's\ns\nmore\n');
});

when(busybox, 'a locked cache has one step at a time, in two builds; a private one is another for each', async (t) => {
	const step = (sharing: string, text: string): string =>
		`RUN --mount=type=cache,id=${sharing},sharing=${sharing},target=/c mkdir /c/busy && sleep 1 && rmdir /c/busy && echo ${text} >> /c/log && cat /c/log > /out\n`;
	const locked = (await Promise.all(['a', 'b'].map((text) => result(t, step('locked', text))))).map(({out}) => out);
	t.deepEqual(locked.map((out) => out.length).sort(), [2, 4]);
	const own = (await Promise.all(['a', 'b'].map((text) => result(t, step('private', text))))).map(({out}) => out);
	t.deepEqual(own.sort(), ['a\n', 'b\n']);
	const both = `${step('locked', 'x')}FROM base AS two\n${step('locked', 'y')}FROM base\nCOPY --from=0 /out /out\nCOPY --from=two /out /out2\n`;
	t.regex((await result(t, both)).paths, /out2/v);
});

when(busybox, 'a cache whose directory became a link is refused', async (t) => {
	const boxfile = `RUN --mount=type=cache,id=link,target=/c ln -s /etc /c/sub
RUN --mount=type=cache,id=link,source=sub,target=/c touch /c/x
`;
	const ended = await place.build(busyboxFiles(boxfile));
	t.not(ended.code, 0);
	t.regex(ended.stderr, /step\/mount-source/v);
	const inside = `RUN --mount=type=cache,id=link2,target=/c ln -s /etc /c/sub
RUN --mount=type=cache,id=link2,target=/c --mount=type=tmpfs,target=/c/sub/x true
`;
	const nested = await place.build(busyboxFiles(inside));
	t.regex(nested.stderr, /step\/mount-target/v);
});

for (const ids of idModes) {
	when(busybox, `a cache, a secret and USER belong together: ${ids}`, async (t) => {
		const boxfile = `RUN mkdir -m 777 /o
USER app
RUN --mount=type=cache,id=owned,target=/c,uid=1000,gid=1000,mode=0700 --mount=type=secret,id=s,uid=1000 \\
    touch /c/x && cat /run/secrets/s > /dev/null && ls -ldn /c /c/x /run/secrets/s > /o/out
RUN --mount=type=secret,id=s ! test -r /run/secrets/s
USER root
RUN cp /o/out /out && rm -r /o
`;
		const other = new Workplace();
		try {
			const out = await readResult(t, other, busyboxFiles(boxfile), 'out', ['--ids', ids, '--secret', `id=s,src=${secretFile()}`]);
			t.regex(out, /drwx------ +2 1000 +1000 .*\/c\n/v);
			t.regex(out, /-rw-r--r-- +1 1000 +1000 .*\/c\/x\n/v);
			t.regex(out, /-r-------- +1 1000 +0 .*\/run\/secrets\/s\n/v);
		} finally {
			await other.remove();
		}
	});
}

when(busybox, 'a secret is a file, a variable or both, and nowhere in the store', async (t) => {
	const boxfile = `RUN --mount=type=secret,id=s test "$(cat /run/secrets/s)" = "$(cat /run/secrets/s)" && stat -c %a /run/secrets/s > /out && md5sum < /run/secrets/s >> /out
RUN --mount=type=secret,id=s,env=TOKEN test ! -e /run/secrets/s && printf %s "$TOKEN" | md5sum >> /out; sleep 1
RUN --mount=type=secret,id=e,env=TOKEN,target=/x/y,mode=0444 printf %s "$TOKEN" | cmp - /x/y && stat -c %a /x/y >> /out
RUN --mount=type=secret,id=none,env=NONE test ! -e /run/secrets && test -z "$NONE"
`;
	const args = ['--secret', `id=s,src=${secretFile()}`, '--secret', 'id=e,env=GIVEN', '-t', 'secret'];
	const tar = place.fresh('secret.tar');
	let seen = false;
	const watch = setInterval(() => {
		seen ||= storeHolds(value);
	}, 300);
	await place.built(t, busyboxFiles(boxfile), [...args, '-o', `type=oci,dest=${tar},compression=none`], {env: {GIVEN: value}});
	clearInterval(watch);
	t.false(seen, 'while it ran');
	t.false(storeHolds(value), 'afterwards');
	t.false(readFileSync(tar).includes(value));
	const inspected = await place.boxbuild(['inspect', 'secret']);
	t.is(inspected.code, 0);
	t.false(inspected.stdout.includes(value));
	const {out, paths} = await result(t, boxfile, ['--secret', `id=s,src=${secretFile()}`, '--secret', `id=e,src=${secretFile()}`]);
	t.deepEqual(
		out
			.split('\n')
			.map((line) => line.slice(0, 3))
			.filter((line) => /^\d{3}$/v.test(line) && Number(line) < 778),
		out
			.split('\n')
			.map((line) => line.slice(0, 3))
			.filter((line) => line === '400' || line === '444'),
	);
	t.is(new Set(out.split('\n').filter((line) => line.endsWith('-'))).size, 1);
	t.is(paths, 'out');
});

when(busybox, 'a secret that has to be there, wrong options of the command line', async (t) => {
	const missing = await place.build(busyboxFiles('RUN --mount=type=secret,id=needed,required true\n'));
	t.not(missing.code, 0);
	t.regex(missing.stderr, /step\/secret-missing[\s\S]*Boxfile:6:5/v);
	const agent = await place.build(busyboxFiles('RUN --mount=type=ssh,required true\n'));
	t.regex(agent.stderr, /step\/agent-missing/v);
	for (const option of [
		['--secret', 'id=a,scr=b'],
		['--secret', 'src=b'],
		['--secret', 'id=a,src=/no/such/file'],
		['--secret', 'id=a,env=NOT_SET_AT_ALL'],
		['--ssh', 'default'],
		['--ssh', 'default=/etc/hostname'],
	]) {
		const ended = await place.build(busyboxFiles(''), option);
		t.is(ended.code, 2, option.join(' '));
		t.regex(ended.stderr, /cli\/bad-value/v);
	}
});

const hostNode = /^\/(?:usr|opt|bin|nix|gnu)\//v.test(process.execPath)
	? met
	: never('Node is in a directory that a stage from `host` does not see', 'install it in /usr');

when([busybox, hostNode], 'the step talks to the SSH agent through a socket of its own', async (t) => {
	const socket = place.fresh('agent');
	const server = createServer((connection) => {
		connection.on('data', (data) => connection.end(`answer to ${data.toString('hex')}`));
	});
	await new Promise<void>((resolve) => server.listen(socket, resolve));
	chmodSync(socket, 0o600);
	try {
		const boxfile = `FROM host AS client
RUN --mount=type=ssh node -e 'const c=require("net").connect(process.env.SSH_AUTH_SOCK,()=>c.write(Buffer.from([0,0,0,1,11])));c.on("data",d=>require("fs").writeFileSync("/answer",d+"\\n"))'
FROM base
COPY --from=client /answer /out
RUN --mount=type=ssh test -S "$SSH_AUTH_SOCK" && stat -c %a $SSH_AUTH_SOCK >> /out && echo $SSH_AUTH_SOCK >> /out
RUN --mount=type=ssh,id=second,target=/agent,mode=0666 stat -c %a /agent >> /out
RUN --mount=type=ssh,id=third test -z "$SSH_AUTH_SOCK" && test ! -e /run/buildkit
`;
		const {out, paths} = await result(t, boxfile, ['--ssh', `default=${socket}`, '--ssh', `second=${socket}`]);
		t.is(out, 'answer to 000000010b\n600\n/run/buildkit/ssh_agent.0\n666\n');
		t.is(paths, 'out');
	} finally {
		server.close();
	}
});

when(busybox, 'prune --all deletes caches of mounts, whoever owns the files in them', async (t) => {
	const own = new Workplace();
	try {
		const boxfile = (text: string) => busyboxFiles(`RUN --mount=type=cache,target=/c,mode=0700 ${text}\n`);
		await own.built(t, boxfile('mkdir -m 0 /c/d && echo 0123456789 > /c/f && chown 1:1 /c/f || true'));
		const {stdout} = await own.boxbuild(['prune', '--all']);
		t.regex(stdout, /and 1 cache mounts: /v);
		await own.built(t, boxfile('test ! -e /c/f'));
		const old = async (age: string): Promise<string> => (await own.boxbuild(['prune', '--older-than', age])).stdout;
		t.regex(await old('1d'), /^deleted 0 layers, \d+ blobs, 0 step results and 0 cache mounts/v);
		t.regex(await old('0s'), /^deleted [1-9]\d* layers, \d+ blobs, [1-9]\d* step results and 1 cache mounts/v);
	} finally {
		await own.remove();
	}
});

const keygen = debianProgram('ssh-keygen', 'openssh-client');

/** A new key; returns its path. */
function makeKey(passphrase = ''): string {
	const path = place.fresh('key');
	execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', '', '-f', path]);
	return path;
}

when([busybox, keygen], 'private keys are in an agent of the build, which ends with it', async (t) => {
	const keys = [makeKey(), makeKey()];
	const boxfile = `FROM host AS client
RUN --mount=type=ssh,id=deploy ssh-add -l > /listed
FROM base
COPY --from=client /listed /out
`;
	const {out} = await result(t, boxfile, ['--ssh', `deploy=${keys.join(',')}`]);
	const prints = keys.map((key) => execFileSync('ssh-keygen', ['-lf', `${key}.pub`], {encoding: 'utf8'}).split(' ')[1] ?? '');
	t.deepEqual(
		out
			.trim()
			.split('\n')
			.map((line) => line.split(' ')[1]),
		prints,
	);
	const agents = readdirSync('/proc').filter(
		(name) => /^\d+$/v.test(name) && commandOf(name).startsWith(`ssh-agent\0-a\0${place.directory}`),
	);
	t.deepEqual(agents, []);
});

when([busybox, keygen], 'a key with a passphrase, and what is neither a key nor a socket, are errors', async (t) => {
	const boxfile = busyboxFiles('RUN --mount=type=ssh true\n');
	const locked = await place.build(boxfile, ['--ssh', `default=${makeKey('secret')}`]);
	t.is(locked.code, 1);
	t.regex(locked.stderr, /error\[step\/agent-keys-refused\][\s\S]*Boxfile:6:5/v);
	for (const value of [`${makeKey()}.pub`, `${makeKey()},/etc/hostname`, '/dev/null', place.directory]) {
		const {code, stderr} = await place.build(boxfile, ['--ssh', `default=${value}`]);
		t.is(code, 2, value);
		t.regex(stderr, /cli\/bad-value/v);
	}
	const twice = await place.build(boxfile, ['--ssh', `default=${makeKey()}`, '--ssh', `default=${makeKey()}`]);
	t.regex(twice.stderr, /every id once/v);
});

function commandOf(process: string): string {
	try {
		return readFileSync(`/proc/${process}/cmdline`, 'utf8');
	} catch {
		return '';
	}
}

when(busybox, 'a tmpfs has its size and is gone afterwards; mounts lie in mounts', async (t) => {
	const boxfile = `RUN --mount=type=tmpfs,target=/t,size=1m ! dd if=/dev/zero of=/t/x bs=1M count=2 2>/dev/null && df -k /t | tail -1 | awk '{print $2}' > /out
RUN --mount=type=tmpfs,target=/t,ro ! touch /t/x 2>/dev/null
RUN --mount=type=cache,id=inner,target=/src/modules --mount=target=/src --mount=type=tmpfs,target=/src/modules/deep/er \\
    test -s /src/Boxfile && touch /src/modules/kept /src/modules/deep/er/lost
RUN --mount=type=cache,id=inner,target=/c ls -R /c >> /out
`;
	const {out, paths} = await result(t, boxfile);
	t.is(out, '1024\n/c:\ndeep\nkept\n\n/c/deep:\ner\n\n/c/deep/er:\n');
	t.is(paths, 'out');
});

when(busybox, 'a target that does not fit what the image has there', async (t) => {
	for (const mount of [
		'type=tmpfs,target=/bin/busybox',
		'type=secret,id=s,target=/bin',
		'type=tmpfs,target=/bin/busybox/x',
		'type=tmpfs,target=/link/x',
	]) {
		const ended = await place.build(busyboxFiles(`RUN ln -s /proc /link\nRUN --mount=${mount} true\n`), [
			'--secret',
			`id=s,src=${secretFile()}`,
		]);
		t.regex(ended.stderr, /step\/mount-target[\s\S]*Boxfile:7:5/v, mount);
	}
});

when(busybox, 'a build that is interrupted leaves the cache as it is', async (t) => {
	const fill = 'RUN --mount=type=cache,id=precious,target=/c echo 1 > /c/kept\n';
	await result(t, fill);
	const boxfile = 'RUN --mount=type=cache,id=precious,target=/c echo up; sleep 60\n';
	let started: {kill(signal: 'SIGINT'): boolean} | undefined;
	const ended = await place.build(busyboxFiles(boxfile), ['--progress', 'plain'], {
		started: (child) => {
			started = child;
		},
		output: (text) => {
			if (/\| up/v.test(text)) started?.kill('SIGINT');
		},
	});
	t.is(ended.code, 130);
	t.is((await result(t, 'RUN --mount=type=cache,id=precious,target=/c cp /c/kept /out\n')).out, '1\n');
});

when(busybox, 'steps that begin a shared cache at the same time get the same one', async (t) => {
	const stage = (name: string): string =>
		`FROM base AS ${name}\nRUN --mount=type=cache,id=begin,target=/c,from=base,source=/etc touch /c/${name} && sleep 1\n`;
	const names = ['one', 'two', 'three'];
	const boxfile = `${names.map(stage).join('')}FROM base\n${names.map((name) => `COPY --from=${name} /etc/passwd /p/${name}\n`).join('')}RUN --mount=type=cache,id=begin,target=/c,from=base,source=/etc ls /c > /out\n`;
	const {out} = await result(t, boxfile, ['--jobs', '4']);
	t.is(out, 'group\none\npasswd\nthree\ntwo\n');
});
