import test, {type ExecutionContext} from 'ava';
import {aptArguments, debianTar} from '../support/debian-base.ts';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {listResult, readResult} from '../support/list-result.ts';
import {debian, manyIds, notRoot} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {type Files, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const single = ['--ids', 'single'];
const needs = [busybox, notRoot];

/** The digest of a build with many ids, whose layers are unpacked in another way and need another store. */
async function digestOfMany(t: ExecutionContext, files: Files): Promise<string> {
	const other = new Workplace();
	try {
		return await other.digest(t, files, ['--ids', 'multi']);
	} finally {
		await other.remove();
	}
}

/** Steps that change owners in every way that a program can. */
const changes = `RUN mkdir -p /d/e && echo a > /d/f && ln -s f /d/l && mkfifo /d/p && ln /d/f /d/h && chmod 4755 /d/f
RUN chown 7:8 /d/f && chown -h 9:10 /d/l && ln -s f /d/k && chown -h 9:10 /d/k && mv /d/k /d/moved && chown 11 /d/p && chown :12 /d/e
RUN cd /d && chown 13:14 . && (cd e && chown 15:16 ../l) && echo b > 'ü n' && chown 17 'ü n' && mv f g
RUN chown 70000:4000000000 /etc/group && chown -R 21:22 /d/e && touch /d/e/new && mkfifo /d/q && chown 5 /d/q && mv /d/q /d/r
RUN rm /d/h && cp -p /d/g /d/copy && ln -s nothing /d/dangling && chown -h 33:34 /d/dangling
`;

when(needs, 'owners that a step gives are in the layer', async (t) => {
	const lines = await listResult(t, place, busyboxFiles(changes), single);
	const owners = Object.fromEntries(lines.map((line) => line.split(' ')).map(([, owner = '', path = '']) => [path, owner]));
	t.like(owners, {
		'd/': '13/14',
		'd/g': '15/16',
		'd/moved': '9/10',
		'd/l': '9/10',
		'd/p': '11/0',
		'd/e/': '21/22',
		'd/r': '5/0',
		'd/dangling': '33/34',
		'etc/group': '70000/4000000000',
	});
});

when([...needs, manyIds], 'the same layers come out with one id and with many', async (t) => {
	const files = busyboxFiles(changes.replace('chown 70000:4000000000', 'chown 60000:60001'));
	t.is(await place.digest(t, files, single), await digestOfMany(t, files));
});

when(needs, 'chown takes set-user-ID bits and what it cannot do away as the kernel does', async (t) => {
	const lines = await listResult(
		t,
		place,
		busyboxFiles(
			'RUN echo > /f && chmod 6755 /f && chown 3 /f && echo > /g && chmod 4755 /g && ! chown 3 /none && ! chown 3 /proc/self/none\n',
		),
		single,
	);
	t.true(lines.includes('-rwxr-xr-x 3/0 f'), lines.join('\n'));
	t.true(lines.includes('-rwsr-xr-x 0/0 g'), lines.join('\n'));
});

when(needs, 'paths are those of the process that asks, also in another root and through its descriptors', async (t) => {
	const lines = await listResult(
		t,
		place,
		busyboxFiles(`RUN mkdir -p /r/in /in && cp -a /bin /r/bin && touch /r/in/f /in/f && chroot /r /bin/sh -c 'cd /in && chown 4 f && chown 5 /in' && ln -s /in/f /r/link && chroot /r chown 6:7 /link
RUN exec 3< /in/f && chown 8 /proc/self/fd/3
`),
		single,
	);
	t.true(lines.includes('-rw-r--r-- 6/7 r/in/f'), lines.join('\n'));
	t.true(lines.includes('drwxr-xr-x 5/0 r/in/'), lines.join('\n'));
	t.true(lines.includes('-rw-r--r-- 8/0 in/f'), lines.join('\n'));
});

when(needs, 'a file does not get the owner of one that is gone and had its inode', async (t) => {
	const makeLinks = 'for i in 1 2 3 4 5 6 7 8; do ln -s x $i && chown -h 5:6 $i; done; rm *';
	const lines = await listResult(
		t,
		place,
		busyboxFiles(`RUN mkdir /d && cd /d && ${makeLinks}; for i in 1 2 3 4 5 6 7 8; do echo > $i; done; stat -c %u:%g * > /told
`),
		single,
	);
	const owners = lines.map((line) => line.split(' ')).flatMap(([, owner = '', path = '']) => (/^d\/\d$/v.test(path) ? [owner] : []));
	t.deepEqual(
		owners,
		Array.from({length: 8}, () => '0/0'),
	);
});

when(needs, 'the files of a step are found where it has them itself: /proc/self, /dev/stdout, a directory that is gone', async (t) => {
	const lines = await listResult(
		t,
		place,
		busyboxFiles(`RUN mkdir /d && cd /d && touch a b c && chown 4 /proc/self/cwd/a && chown 5 /proc/self/root/d/b && chown 6 /dev/stdout && exec 3< /d && chown 7 /proc/self/fd/3/c
RUN mkdir /gone && cd /gone && rmdir /gone && chown 4 . && [ "$(stat -c %u .)" = 4 ]
`),
		single,
	);
	const owners = Object.fromEntries(lines.map((line) => line.split(' ')).map(([, owner = '', path = '']) => [path, owner]));
	t.like(owners, {'d/a': '4/0', 'd/b': '5/0', 'd/c': '7/0'});
});

when(needs, 'a step that cannot start says why', async (t) => {
	const {stderr} = await place.build(busyboxFiles('WORKDIR /x\nRUN cd / && rmdir /x && echo > /x\nRUN true\n'), single);
	t.regex(stderr, /error\[step\/working-directory\]/v);
});

when(needs, 'a step is told the owners that files have, in this layer and below', async (t) => {
	const boxfile = `COPY --chown=1:2 etc/group /below
RUN chown 3:4 /etc && touch /own && chown 5:6 /own && ln -s own /link && chown -h 7:8 /link
RUN stat -c '%u:%g %n' /below /etc /own /bin/busybox > /out && cp -a /below /own /home/ && find / -xdev -user 5 | sort >> /out
`;
	const lines = await listResult(t, place, busyboxFiles(`RUN mkdir /home\n${boxfile}`), single);
	t.true(lines.includes('-rw-r--r-- 1/2 home/below'), lines.join('\n'));
	t.true(lines.includes('-rw-r--r-- 5/6 home/own'), lines.join('\n'));
	const out = await readResult(t, place, busyboxFiles(`RUN mkdir /home\n${boxfile}`), 'out', single);
	t.is(out, '1:2 /below\n3:4 /etc\n5:6 /own\n0:0 /bin/busybox\n/home/own\n/own\n');
});

when(needs, 'a later step knows the owners of links and fifos of layers below, and what becomes of them keeps its owner', async (t) => {
	const boxfile = `RUN mkdir -p /d/e && cd /d && ln -s x l && ln -s x m && ln -s x e/n && mkfifo p q && chown -h 7:8 l m e/n && chown 9:70000 p q
RUN cd /d && stat -c '%u:%g %n' l m e/n p > /out && find . -user 7 | sort >> /out && cp -a l copy && mv m moved && mv q was-q && touch -h -d 2001-01-01 e/n && tar cf - e p | tar tvf - | tr -s ' ' | cut -d' ' -f2,6- >> /out
RUN cd /d && ln l hard && rm l && chown -h :4 was-q && stat -c '%u:%g %n' copy moved was-q hard >> /out
`;
	const lines = await listResult(t, place, busyboxFiles(boxfile), single);
	const owners = Object.fromEntries(lines.map((line) => line.split(' ')).map(([, owner = '', path = '']) => [path, owner]));
	t.like(owners, {'d/copy': '7/8', 'd/moved': '7/8', 'd/e/n': '7/8', 'd/hard': '7/8', 'd/p': '9/70000', 'd/was-q': '9/4'});
	const out = await readResult(t, place, busyboxFiles(boxfile), 'out', single);
	t.deepEqual(out.trim().split('\n'), [
		'7:8 l',
		'7:8 m',
		'7:8 e/n',
		'9:70000 p',
		'./e/n',
		'./l',
		'./m',
		'root/root e/',
		'7/8 e/n -> x',
		'9/70000 p',
		'7:8 copy',
		'7:8 moved',
		'9:4 was-q',
		'7:8 hard',
	]);
});

when([...needs, manyIds], 'a copy from a stage keeps the owners of links', async (t) => {
	const boxfile = `RUN mkdir /d && ln -s x /d/l && mkfifo /d/p && chown -h 7:8 /d/l /d/p
FROM base
COPY --from=base /d /d
RUN stat -c '%u:%g %n' /d/l /d/p > /out
`;
	const files = busyboxFiles(boxfile);
	t.is(await place.digest(t, files, single), await digestOfMany(t, files));
});

when(
	[...needs, manyIds],
	'a store whose layers are unpacked with many ids is refused with one, says how to go on, and keeps its way by itself',
	async (t) => {
		const other = new Workplace();
		try {
			const files = busyboxFiles('RUN chown 5:6 /etc && chmod 700 /etc\n');
			await other.built(t, files, ['--ids', 'multi']);
			const {code, stderr} = await other.build(busyboxFiles('RUN true\n'), single);
			t.not(code, 0);
			t.regex(stderr, /error\[store\/other-ids\]: .*\n.*many user ids.*\n.*--ids multi/v);
			await other.boxbuild(['prune', '--all']);
			await other.built(t, files, single);
			const again = await other.built(t, files, ['--no-cache']);
			t.regex(again.stderr, /one user id/v);
			const bad = await other.build(busyboxFiles('RUN echo\n'), ['--ids', 'multi']);
			t.regex(bad.stderr, /error\[store\/other-ids\]/v);
		} finally {
			await other.remove();
		}
	},
);

when([notRoot, debian], 'packages of Debian and users get the owners that they get with many ids', async (t) => {
	const tar = debianTar(place.directory);
	const boxfile = `FROM tar:${tar}
ARG APT_OPTIONS=""
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get $APT_OPTIONS update -qq && apt-get $APT_OPTIONS install -qq -y --no-install-recommends openssh-client dbus && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/ldconfig
RUN useradd --system --uid 990 --create-home --home-dir /srv/web web && install -o web -g shadow -m 2750 -d /srv/web/d && su web -c 'true' && chown -R web: /srv/web
`;
	const list = (where: Workplace, ids: string): Promise<readonly string[]> =>
		listResult(t, where, {Boxfile: boxfile}, [...aptArguments(), '--ids', ids]);
	const lines = await list(place, 'single');
	const found = new Map(lines.map((line) => line.split(' ')).map(([mode = '', owner = '', path = '']) => [path, `${mode} ${owner}`]));
	t.is(found.get('etc/shadow'), '-rw-r----- 0/42');
	t.is(found.get('etc/gshadow-'), '-rw-r----- 0/42');
	t.regex(found.get('usr/bin/ssh-agent') ?? '', /^-rwxr-sr-x 0\/\d{2,3}$/v);
	t.regex(found.get('usr/lib/dbus-1.0/dbus-daemon-launch-helper') ?? '', /^-rwsr-xr-- 0\/\d{2,3}$/v);
	t.regex(found.get('srv/web/d/') ?? '', /^drwxr-s--- 990\/\d+$/v);
	if (!manyIds.holds) return;
	const other = new Workplace();
	try {
		t.deepEqual(lines, await list(other, 'multi'));
	} finally {
		await other.remove();
	}
});
