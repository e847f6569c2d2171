import test from 'ava';
import {aptArguments, debianTar} from '../support/debian-base.ts';
import {debian, manyIds, notRoot} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

type Test = Parameters<Workplace['built']>[0];

const base = `FROM debian
ARG APT_OPTIONS=""
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get $APT_OPTIONS update && apt-get $APT_OPTIONS install -y --no-install-recommends sudo procps iputils-ping python3-minimal
RUN useradd --create-home --shell /bin/sh worker && echo 'worker ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/worker
`;

/** What a command prints in a step on Debian with sudo, ps and ping. */
async function printed(t: Test, command: string, args: readonly string[] = [], flags = ''): Promise<string> {
	const tar = place.fresh('out.tar');
	const boxfile = `${base}RUN ${flags}{ ${command}; } > /out 2>&1 || true\nFROM scratch\nCOPY --from=0 /out /out\n`;
	await place.built(t, {Boxfile: boxfile}, ['-o', `type=tar,dest=${tar}`, ...aptArguments(), ...args]);
	return printedBy(['tar', '-xOf', tar, 'out']);
}

when(debian, 'a Debian with sudo, ps and ping is made', async (t) => {
	const imported = await place.boxbuild(['import', '-t', 'debian', debianTar(place.directory)]);
	t.is(imported.code, 0, imported.stderr);
	t.is(
		await printed(t, 'for p in sudo ps ping python3; do command -v $p; done'),
		'/usr/bin/sudo\n/usr/bin/ps\n/usr/bin/ping\n/usr/bin/python3\n',
	);
});

when(debian, 'programs get terminals of their own', async (t) => {
	t.is(
		await printed(
			t,
			'script -qec tty /dev/null | tr -d "\\r"; script -qec "stty size; tty" /dev/null < /dev/null | tail -n 1 | tr -d "\\r"',
		),
		'/dev/pts/0\n/dev/pts/0\n',
	);
	t.regex(
		await printed(t, `python3 -c 'import os; a, b = os.openpty(); os.write(a, b"in\\n"); print(os.ttyname(b), os.read(b, 9))'`),
		/^\/dev\/pts\/\d b'in\\n'$/mv,
	);
});

when(debian, 'ps shows the processes of the step and nothing else', async (t) => {
	const lines = (await printed(t, 'sleep 9 & sleep 0.5; ps -eo pid=,comm='))
		.trim()
		.split('\n')
		.map((line) => line.trim().split(/\s+/v));
	t.deepEqual(lines.map(([, name]) => name).sort(), ['ps', 'sh', 'sleep']);
	t.is(lines[0]?.[0], '1');
});

when([debian, manyIds], 'su and sudo change the user', async (t) => {
	t.is(await printed(t, 'su worker -c "id -un; id -u; echo ~"'), 'worker\n1000\n/home/worker\n');
	t.is(await printed(t, 'su nobody -s /bin/sh -c "id -un"'), 'nobody\n');
	t.is(await printed(t, 'sudo -u worker id -un; sudo -u worker sudo id -un'), 'worker\nroot\n');
	t.is(await printed(t, 'su worker -c "sudo -n whoami; touch /root/x 2> /dev/null || echo refused"'), 'root\nrefused\n');
});

when([debian, notRoot], 'with one user id su and sudo run the command all the same', async (t) => {
	// A store keeps to the ids that it was begun with.
	const single = ['--ids', 'single', '--store', place.fresh('store')];
	const imported = await place.boxbuild(['import', '-t', 'debian', ...single, debianTar(place.directory)]);
	t.is(imported.code, 0, imported.stderr);
	t.is(await printed(t, 'su worker -c "id -un"; sudo -u worker id -un', single), 'worker\nworker\n');
});

when(debian, 'ping without a set-user-ID bit reaches the loopback interface of the step', async (t) => {
	t.regex(await printed(t, 'ping -c 1 -W 2 127.0.0.1', [], '--network=none '), /1 received, 0% packet loss/v);
});

when(debian, 'mount, unshare and nsenter are told that they may not', async (t) => {
	const tries = [
		'mount -t tmpfs none /mnt',
		'mount --bind /etc /mnt',
		'umount /proc',
		'unshare -U true',
		'unshare -m true',
		'nsenter -t 1 -m true',
	];
	const out = await printed(t, tries.map((command) => `${command} && echo done`).join('; '));
	const lines = out.split('\n').filter((line) => /^[a-z]+: /v.test(line));
	t.is(lines.length, tries.length, out);
	t.notRegex(out, /done/v);
	for (const line of lines) t.regex(line, /permission denied|not permitted|must be superuser/iv);
});
