import test from 'ava';
import {mkdirSync, writeFileSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {listResult, pathsOf, readResult} from '../support/list-result.ts';
import {Victim} from '../support/victim.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
const victim = new Victim(place);
const out = victim.directory;
test.after.always(() => place.remove());

const plain = ['--progress', 'plain'] as const;

when(busybox, 'M2: a directory of a cache that becomes a link while another step mounts it leads nowhere', async (t) => {
	const swap = `RUN --mount=type=cache,id=race,target=/c for i in $(seq 1500); do rm -rf /c/sub; ln -s ${out} /c/sub; rm /c/sub; mkdir -p /c/sub/deep; done\n`;
	const swapping = place.build(busyboxFiles(swap), ['--no-cache']);
	const ended = swapping.then(() => 'ended' as const);
	const ways = [
		'--mount=type=cache,id=race,source=sub,target=/t',
		'--mount=type=cache,id=race,target=/c --mount=type=tmpfs,target=/c/sub/deep',
	];
	let attempts = 0;
	for (; attempts < 40; attempts++) {
		const boxfile = `RUN ${ways[attempts % ways.length]} cat /t/file /c/sub/file; echo stolen > /t/stolen; echo stolen > /c/sub/stolen; true\n`;
		const attempt = place.build(busyboxFiles(boxfile), plain);
		const first = await Promise.race([ended, attempt]);
		const outcome = await attempt;
		t.true(outcome.code === 0 || outcome.code === 1, outcome.stderr);
		victim.isUntouched(t, `attempt ${attempts}`, outcome.stderr);
		if (first === 'ended') break;
	}
	t.true(attempts > 0);
	t.is((await swapping).code, 0);
});

when(busybox, 'M3: a step that replaces the parents of a mount point by links makes the builder delete nothing', async (t) => {
	const secret = place.fresh('secret');
	writeFileSync(secret, 'a secret');
	const boxfile = `RUN mkdir -p /a /x/sub && echo kept > /x/kept
RUN --mount=type=secret,id=s,target=/a/b/empty --mount=type=tmpfs,target=/x/sub/d --mount=type=cache,target=/y/sub/e \\
    for d in /a/b /a /x/sub /x /y/sub /y; do rm -rf $d; mv $d $d.old; ln -s ${out} $d; done 2>/dev/null; true
`;
	const ended = await place.build(busyboxFiles(boxfile), ['--secret', `id=s,src=${secret}`, ...plain]);
	t.is(ended.code, 0, ended.stderr);
	victim.isUntouched(t, 'mount points', ended.stderr);
	const legal = 'RUN mkdir -p /x/sub\nRUN --mount=type=tmpfs,target=/z/sub rm -rf /x && ln -s z /x\n';
	t.true(pathsOf(await listResult(t, place, busyboxFiles(legal))).includes('x -> z'));
});

const privileges: Readonly<Record<string, string>> = {
	'the file asks for it': 'RUN --security=insecure id',
	'in capital letters': 'RUN --security=INSECURE id',
	'an unknown value': 'RUN --security=privileged id',
	'an empty value': 'RUN --security= id',
	'a variable': 'ARG HOW=insecure\nRUN --security=$HOW id',
	'the host’s processes': 'RUN --security=sandbox --pid=host id',
	'an unknown network': 'RUN --network=container:1 id',
	'a device': 'RUN --device=/dev/kvm id',
	capabilities: 'RUN --cap-add=ALL id',
	'a trigger': 'ONBUILD RUN --security=privileged id',
	'a check': 'CHECK --security=insecure id',
};

for (const [what, boxfile] of Object.entries(privileges)) {
	when(busybox, `M4: rights come from the command line only: ${what}`, async (t) => {
		const {code, stderr} = await place.build(busyboxFiles(`${boxfile}\n`), plain);
		t.is(code, 2, stderr);
		t.regex(stderr, /Boxfile:[67]:/v);
		t.notRegex(stderr, /uid=0/v);
	});
}

when(busybox, 'M4: rights come from the command line only: a trigger of the base image', async (t) => {
	const built = await place.build(busyboxFiles('ONBUILD RUN --security=insecure id\n'), ['-t', 'trigger']);
	// Where it is written it can be refused at once; where it is used it has to be.
	const {code, stderr} = built.code === 0 ? await place.build({Boxfile: 'FROM trigger\n'}, plain) : built;
	t.is(code, 2, stderr);
	t.regex(stderr, /instruction\/insecure-not-allowed/v);
});

when(busybox, 'M5: a link to / in a stage is the root of that stage for a bind, also for one that can be written', async (t) => {
	const stage = (more: string): string =>
		`FROM base AS other\nRUN ln -s / /rootdir && ln -s ../../../../../../../.. /up${more}\nFROM base\n`;
	for (const link of ['rootdir', 'up']) {
		const mount = `RUN --mount=type=bind,from=other,source=/${link}${out},target=/m,rw cat /m/file; echo x > /m/new; rm -rf /m/empty; ls /m\n`;
		const missing = await place.build(busyboxFiles(stage('') + mount), plain);
		victim.isUntouched(t, link, missing.stderr);
		t.not(missing.code, 0);
		// With a directory of that name inside, that one is meant.
		const inside = ` && mkdir -p ${out} && echo inside > ${out}/file`;
		const found = await place.build(busyboxFiles(stage(inside) + mount), [...plain, '--no-cache']);
		t.is(found.code, 0, found.stderr);
		t.regex(found.stderr, /\| inside/v);
		victim.isUntouched(t, link, found.stderr);
	}
});

for (const option of [
	'bind-propagation=rshared',
	'bind-propagation=shared,rw',
	'rbind',
	'dev',
	'suid',
	'exec',
	'relabel=shared',
	'z',
	'Z',
	'U',
	'idmap',
	'options=dev',
	'upperdir=/tmp',
	'O',
]) {
	when(busybox, `M6: mount options are a closed list: ${option}`, async (t) => {
		for (const type of ['bind,from=base,source=/bin', 'tmpfs', 'cache']) {
			const {code, stderr} = await place.build(busyboxFiles(`FROM base\nRUN --mount=type=${type},target=/m,${option} id\n`));
			t.is(code, 2, stderr);
			t.regex(stderr, /Boxfile:7:/v);
		}
	});
}

when(busybox, 'M7: neither the id nor the source of a cache leads out of it', async (t) => {
	const up = '../../../../../../../../../../../..';
	for (const mount of [
		`type=cache,id=${up}${out},target=/m`,
		`type=cache,id=${out},target=/m`,
		`type=cache,id=a,source=${up}${out},target=/m`,
		`type=cache,id=a,source=${out},target=/m`,
		`type=cache,id=a,from=base,source=${up}${out},target=/m`,
		`type=cache,target=/m/${up}${out}`,
		`type=bind,source=${up}${out},target=/m`,
		`type=bind,source=..,target=/m`,
		`type=bind,from=base,source=${up}${out},target=/m`,
	]) {
		const boxfile = `FROM base\nRUN --mount=${mount} cat /m/file ${out}/file; echo x > /m/new; rm -rf /m/empty ${out}/empty; true\n`;
		const {code, stderr} = await place.build(busyboxFiles(boxfile), plain);
		t.true(code === 0 || code === 1 || code === 2, stderr);
		victim.isUntouched(t, mount, stderr);
	}
});

/** Where an account file makes everybody root. */
const elsewhere = place.fresh('accounts');
mkdirSync(elsewhere);
writeFileSync(`${elsewhere}/passwd`, 'evil:x:0:0::/:/bin/sh\n');

const accounts: Readonly<Record<string, string>> = {
	'a link to the outside': `ln -s ${elsewhere}/passwd /etc/passwd`,
	'a link that climbs out': `ln -s ../../../../../../../../../../../..${elsewhere}/passwd /etc/passwd`,
	'a pipe': 'mkfifo /etc/passwd',
	'a directory': 'mkdir /etc/passwd',
	'a device': 'mknod /etc/passwd c 1 5 2>/dev/null || ln -s /dev/zero /etc/passwd',
	'a link to a device': 'ln -s /dev/zero /etc/passwd',
	'a link to a descriptor': 'ln -s /proc/self/fd/0 /etc/passwd',
	'a link to itself': 'ln -s passwd /etc/passwd',
	'a file of 64 MiB': 'truncate -s 64M /etc/passwd',
};

for (const [what, script] of Object.entries(accounts)) {
	when(busybox, `M10, M11: an account file that is ${what} is not followed, waited for or read whole`, async (t) => {
		for (const user of ['USER evil\nRUN id', 'COPY --chown=evil x /x']) {
			const files = busyboxFiles(`RUN rm /etc/passwd; ${script}\n${user}\n`, {x: 'x'});
			const {code, stderr, milliseconds} = await place.build(files, plain);
			t.is(code, 1, stderr);
			t.regex(stderr, /error\[step\/(?:unknown-owner|unusable-account-file)\]/v);
			t.true(milliseconds < 60_000);
		}
	});
}

for (const user of [
	'2147483648:1',
	'4294967295',
	'4294967296',
	'99999999999999999999',
	'-1',
	'0x0',
	'app:nogroup',
	'1000:4294967296',
	'root:nogroup',
	'nobody',
]) {
	when(busybox, `M12: USER ${user} never becomes root`, async (t) => {
		for (const instruction of [`USER ${user}\nRUN id`, `COPY --chown=${user} x /x`]) {
			const {code, stderr} = await place.build(busyboxFiles(`${instruction}\n`, {x: 'x'}), plain);
			t.true(code === 1 || code === 2, stderr);
			t.notRegex(stderr, /uid=|internal\/bug/v);
		}
	});
}

when(busybox, 'M15: WORKDIR and VOLUME through links make directories inside the root, and legal links keep working', async (t) => {
	const boxfile = `RUN mkdir /real && ln -s ${out} /l && ln -s ../../../../../../../../../../..${out} /up && ln -s real /legal && ln -s /real /absolute
WORKDIR /l/new
RUN pwd -P > /out
WORKDIR /up/other
RUN pwd -P >> /out
VOLUME /l/volume
WORKDIR /legal/a
RUN pwd -P >> /out
WORKDIR /absolute/b
RUN pwd -P >> /out
COPY x /up/copied/
ADD x /l/added/
`;
	t.is(await readResult(t, place, busyboxFiles(boxfile, {x: 'x'}), 'out'), `${out}/new\n${out}/other\n/real/a\n/real/b\n`);
	const paths = pathsOf(await listResult(t, place, busyboxFiles(boxfile, {x: 'x'})));
	for (const path of ['new/', 'other/', 'copied/x', 'added/x']) t.true(paths.includes(`${out.slice(1)}/${path}`), path);
	victim.isUntouched(t, 'links');
});

when(busybox, 'X4: no mount covers what the sandbox of a step mounts itself', async (t) => {
	for (const target of [
		'/dev/fd/62',
		'/dev/fd/60/proc',
		'/dev/stdin',
		'/dev/pts',
		'/dev',
		'/proc/self/fd/62',
		'/proc/sys',
		'/sys',
		'/',
		'/link',
		'/link/sys',
		'/down',
	]) {
		const boxfile = `FROM base AS other
RUN mkdir -p /fake/acpi /fake/scsi /fake/bus /fake/fs /fake/irq /fake/sys && touch /fake/kcore /fake/keys
FROM base
RUN ln -s /proc /link && ln -s /dev/fd/62 /down
RUN --mount=type=bind,from=other,source=/fake,target=${target} echo ran; ls /proc
`;
		const {code, stderr} = await place.build(busyboxFiles(boxfile), plain);
		t.true(code === 1 || code === 2, `${target} ${stderr}`);
		t.regex(stderr, /mount-target|instruction\//v, target);
		t.notRegex(stderr, /\| ran/v, target);
	}
	const shm = "RUN --mount=type=tmpfs,target=/dev/shm,size=1m df -k /dev/shm | tail -1 | awk '{print $2}' > /out\n";
	t.is(await readResult(t, place, busyboxFiles(shm), 'out'), '1024\n');
});
