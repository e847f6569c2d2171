import test from 'ava';
import {readFileSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {manyIds} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

type Test = Parameters<Workplace['built']>[0];

/** Builds on busybox and returns the file /out of the result. */
async function outOf(t: Test, boxfile: string, args: readonly string[] = []): Promise<string> {
	const tar = place.fresh('out.tar');
	await place.built(t, busyboxFiles(boxfile), ['-o', `type=tar,dest=${tar}`, ...args]);
	return printedBy(['tar', '-xOf', tar, 'out']);
}

when(busybox, 'a step sees exactly the environment that is declared', async (t) => {
	const out = await outOf(t, 'ARG GIVEN=none\nARG DEFAULT=d\nENV A=1 B="two words"\nRUN env | sort > /out\n', ['--build-arg', 'GIVEN=yes']);
	t.deepEqual(out.trim().split('\n'), [
		'A=1',
		'B=two words',
		'DEFAULT=d',
		'GIVEN=yes',
		'HOME=/root',
		'PATH=/bin',
		'PWD=/',
		'SHLVL=1',
		'SOURCE_DATE_EPOCH=315532800',
	]);
});

when(busybox, 'the exec form has no shell between', async (t) => {
	const out = await outOf(t, 'ENV A=1\nRUN ["/bin/busybox", "cp", "/proc/self/environ", "/out"]\n');
	t.deepEqual(out.slice(0, -1).split('\0').sort(), ['A=1', 'HOME=/root', 'PATH=/bin', 'SOURCE_DATE_EPOCH=315532800']);
});

when(busybox, 'a step sees neither the processes nor the names of the host', async (t) => {
	const out = await outOf(t, 'RUN { hostname; echo $$; ls -d /proc/[0-9]* | wc -l; ls /dev | tr "\\n" " "; } > /out\n');
	const [name, pid, count = '', devices = ''] = out.split('\n');
	t.not(name, readFileSync('/proc/sys/kernel/hostname', 'utf8').trim());
	t.is(pid, '1');
	t.true(Number(count) <= 3, out);
	t.regex(devices, /\bnull\b.*\burandom\b.*\bzero\b/v);
});

when(busybox, 'USER by name, by number and with a group decides ids, groups and HOME', async (t) => {
	const boxfile = `RUN mkdir -m 777 /o
USER app
RUN { id; echo $HOME; } > /o/1
USER 1000
RUN { id; echo $HOME; } > /o/2
USER app:audio
RUN id > /o/3
USER 1234:5678
RUN { id; echo $HOME; } > /o/4
USER root
RUN { id; cat /o/1 /o/2 /o/3 /o/4; } > /out
`;
	t.deepEqual((await outOf(t, boxfile)).trim().split('\n'), [
		'uid=0(root) gid=0(root) groups=0(root),29(audio)',
		'uid=1000(app) gid=1000(app) groups=10(wheel),29(audio),1000(app)',
		'/home/app',
		'uid=1000(app) gid=1000(app) groups=10(wheel),29(audio),1000(app)',
		'/home/app',
		'uid=1000(app) gid=29(audio) groups=29(audio)',
		'uid=1234 gid=5678 groups=5678',
		'/',
	]);
});

when(busybox, 'a USER that the image does not have', async (t) => {
	const {code, stderr} = await place.build(busyboxFiles('USER nobodyatall\nRUN true\n'));
	t.true(code === 1 || code === 2, stderr);
	t.regex(stderr, /nobodyatall/v);
	t.notRegex(stderr, /internal\/bug/v);
});

test.serial('output comes while the step runs', async (t) => {
	const seen: [string, number][] = [];
	const start = performance.now();
	await place.built(
		t,
		{Boxfile: 'FROM host AS a\nRUN mkdir /o; echo first; sleep 1; echo second >&2\nFROM scratch\nCOPY --from=a /o /\n'},
		[],
		{
			output: (text) => seen.push([text, performance.now() - start]),
		},
	);
	const at = (word: string): number => seen.find(([text]) => text.includes(`| ${word}`))?.[1] ?? Number.NaN;
	t.true(at('second') - at('first') > 700, JSON.stringify(seen));
});

test.serial('control characters of a step do not reach the terminal', async (t) => {
	const {stderr} = await place.built(t, {
		Boxfile: `FROM host AS a\nRUN mkdir /o; printf '\\033]0;title\\007a\\033[31mred\\033[2J\\n'\nFROM scratch\nCOPY --from=a /o /\n`,
	});
	t.false(stderr.includes('\u001B') || stderr.includes('\u0007'), JSON.stringify(stderr));
	t.regex(stderr, /red/v);
});

when(busybox, 'heredocs: commands, a script with an interpreter, files, several at once', async (t) => {
	const boxfile = `ARG NAME=world
RUN <<EOF
set -e
echo "hello $NAME" > /1
cat > /2 <<INNER
inner
INNER
EOF
RUN <<"EOF"
#!/bin/ash
echo "$0" | sed 's,/[^/]*$,,' > /3
EOF
COPY <<EOF /4
expanded $NAME
EOF
COPY <<'EOF' /5
not $NAME
EOF
COPY <<A <<B /d/
a
A
b
B
RUN cat <<EOF > /6
by $NAME
EOF
RUN cat /1 /2 /3 /4 /5 /6 /d/A /d/B > /out
`;
	t.deepEqual((await outOf(t, boxfile)).trim().split('\n'), [
		'hello world',
		'inner',
		'/dev/pipes',
		'expanded world',
		'not $NAME',
		'by world',
		'a',
		'b',
	]);
});

when(busybox, 'SHELL, WORKDIR and variables in paths', async (t) => {
	const boxfile = `ENV DIR=/a/b
WORKDIR $DIR
WORKDIR c
RUN pwd > /out
SHELL ["/bin/sh", "-ec", "echo by-shell >> /out; eval \\"$0\\""]
RUN pwd >> /out
WORKDIR /
RUN pwd >> /out
`;
	t.is(await outOf(t, boxfile), '/a/b/c\nby-shell\n/a/b/c\nby-shell\n/\n');
});

when(busybox, 'a working directory that is gone is made again', async (t) => {
	t.is(
		await outOf(t, 'WORKDIR /w/deep\nRUN rm -r /w\nRUN pwd > /out && stat -c "%n %a %u" /w /w/deep >> /out\n'),
		'/w/deep\n/w 755 0\n/w/deep 755 0\n',
	);
});

when(busybox, 'a working directory that is gone is made again for the user of the step, what is there stays', async (t) => {
	const boxfile = `WORKDIR /kept/w
RUN rmdir /kept/w
USER app
RUN touch here && stat -c "%n %a %u:%g" /kept /kept/w > /o/out
USER root
RUN cp /o/out /out
`;
	t.is(await outOf(t, `RUN mkdir -m 1777 /o\n${boxfile}`), '/kept 755 0:0\n/kept/w 755 1000:1000\n');
});

when(busybox, '--network none has no network but a loopback', async (t) => {
	const boxfile = 'RUN cat /proc/net/dev | tail -n +3 | cut -d: -f1 > /out; ping -c1 -W1 127.0.0.1 > /dev/null && echo loopback >> /out\n';
	const out = await outOf(t, boxfile, ['--network', 'none']);
	t.regex(out, /^(?:\s*lo\n)+(?:loopback\n)?$/v);
});

when(busybox, 'standard input of a step is empty', async (t) => {
	t.is(await outOf(t, 'RUN cat | wc -c > /out\n'), '0\n');
});

when(busybox, 'a Boxfile from standard input', async (t) => {
	const files = busyboxFiles('RUN echo stdin > /out\n');
	const {Boxfile: boxfile, ...others} = files;
	const tar = place.fresh('stdin.tar');
	await place.built(t, others, ['-f', '-', '-o', `type=tar,dest=${tar}`], {input: String(boxfile)});
	t.is(await printedBy(['tar', '-xOf', tar, 'out']), 'stdin\n');
});

when(busybox, 'a mount of an unknown type is an error with a place', async (t) => {
	const {code, stderr} = await place.build(busyboxFiles('RUN --mount=type=nosuch,target=/x true\n'));
	t.is(code, 2, stderr);
	t.regex(stderr, /Boxfile:6:/v);
});

when(busybox, '--security=insecure needs --allow, and then keeps capabilities and has no filter', async (t) => {
	const status = "grep -E '^(CapEff|Seccomp):' /proc/self/status > /out";
	const refused = await place.build(busyboxFiles(`RUN --security=insecure ${status}\n`));
	t.is(refused.code, 2);
	t.regex(refused.stderr, /error\[instruction\/insecure-not-allowed\][\s\S]*Boxfile:\d+:5[\s\S]*\^{19}[\s\S]*--allow security\.insecure/v);
	const open = await outOf(t, `RUN --security=insecure ${status}\n`, ['--allow', 'security.insecure']);
	const closed = await outOf(t, `RUN --security=sandbox ${status}\n`, ['--allow', 'security.insecure']);
	t.regex(closed, /CapEff:\s0*a80425fb\nSeccomp:\s2\n/v);
	t.regex(open, /CapEff:\s0*1[0-9a-f]{10}\n/v);
	const outer = /^Seccomp:\s(\d)/mv.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
	// With one id there is the filter for calls about owners.
	t.is(/Seccomp:\s(\d)/v.exec(open)?.[1], manyIds.holds ? outer : '2');
	const bad = await place.build(busyboxFiles('RUN a\n'), ['--allow', 'everything']);
	t.is(bad.code, 2);
	t.regex(bad.stderr, /`--allow` does not take `everything`/v);
});

when(busybox, 'a step that is not allowed does no harm where nobody needs it', async (t) => {
	await place.built(t, busyboxFiles('RUN --security=insecure a\nFROM scratch\nCOPY bin/busybox /\n'));
	t.pass();
});

when(busybox, '--add-host adds to /etc/hosts of the steps, counts for hits, and leaves nothing in the image', async (t) => {
	const boxfile = 'RUN tail -n +3 /etc/hosts > /out\n';
	t.is(
		await outOf(t, boxfile, ['--add-host', 'db:10.1.2.3', '--add-host', 'six=[fe80::1]', '--add-host', 'me:host-gateway']),
		'10.1.2.3\tdb\nfe80::1\tsix\n127.0.0.1\tme\n',
	);
	t.is(await outOf(t, boxfile), '');
	for (const value of ['db', 'db:', 'db:10.1.2', 'a b:1.2.3.4', '-x:1.2.3.4', 'x:1.2.3.4\ny']) {
		const {code, stderr} = await place.build(busyboxFiles(boxfile), ['--add-host', value]);
		t.is(code, 2, value);
		t.regex(stderr, /`--add-host` does not take/v);
	}
});
