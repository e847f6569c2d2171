import test, {type ExecutionContext} from 'ava';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {debianTar} from '../support/debian-base.ts';
import {listResult, readResult} from '../support/list-result.ts';
import {debian, manyIds, notRoot} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {type Files, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const needs = [busybox, notRoot];

/** What a build with one id writes to /w/out, and its owners by path; with many ids, where there are, everything has to be the same. */
async function resultOf(
	t: ExecutionContext,
	files: Files,
	args: readonly string[] = [],
): Promise<{readonly out: readonly string[]; readonly owners: Readonly<Record<string, string>>}> {
	const build = async (where: Workplace, ids: string): Promise<{readonly out: string; readonly lines: readonly string[]}> => ({
		out: await readResult(t, where, files, 'w/out', [...args, '--ids', ids]),
		lines: await listResult(t, where, files, [...args, '--ids', ids]),
	});
	const {out, lines} = await build(place, 'single');
	if (manyIds.holds) {
		const other = new Workplace();
		try {
			t.deepEqual({out, lines}, await build(other, 'multi'));
		} finally {
			await other.remove();
		}
	}
	const owners = Object.fromEntries(lines.map((line) => line.split(' ')).map(([, owner = '', path = '']) => [path, owner]));
	return {out: out.trim().split('\n'), owners};
}

when(needs, 'a step with USER is told that it is that user, and a warning says what it may do nevertheless', async (t) => {
	const boxfile = `RUN mkdir -m 777 /w
USER app
RUN id > /w/out && id -u >> /w/out && [ "$(whoami)" = app ]
`;
	const {out, owners} = await resultOf(t, busyboxFiles(boxfile));
	t.deepEqual(out, ['uid=1000(app) gid=1000(app) groups=10(wheel),29(audio),1000(app)', '1000']);
	t.is(owners['w/out'], '1000/1000');
	const {stderr} = await place.built(t, busyboxFiles(boxfile), ['--ids', 'single', '--no-cache']);
	t.regex(stderr, /warning\[step\/user-not-switched\]/v);
});

when(needs, 'what a USER makes belongs to the user at once, and what was there stays as it was', async (t) => {
	const boxfile = `RUN mkdir -m 777 /w && cd /w && mkdir -m 777 both new && for f in new/f old both/f; do echo a > $f; done && ln -s a link && ln -s a same && chmod 666 old
COPY --chown=app etc/group /w/mine
USER app
RUN cd /w && rm -r new link && mkdir new && echo b > new/f && echo b > both/g && ln -s b link && echo b >> old && sed -i s/root/toor/ mine && mv old moved && mkfifo fifo && mkdir -p deep/er && stat -c '%U:%G %n' * new/f both/* deep/er > out
`;
	const {out, owners} = await resultOf(t, busyboxFiles(boxfile));
	t.true(out.includes('app:app new/f') && out.includes('app:app link') && out.includes('root:root moved'), out.join('\n'));
	t.like(owners, {
		'w/': '0/0',
		'w/new/': '1000/1000',
		'w/new/f': '1000/1000',
		'w/both/': '0/0',
		'w/both/f': '0/0',
		'w/both/g': '1000/1000',
		'w/link': '1000/1000',
		'w/same': '0/0',
		'w/moved': '0/0',
		'w/mine': '1000/1000',
		'w/fifo': '1000/1000',
		'w/deep/er/': '1000/1000',
	});
});

when(needs, 'a USER is refused what the modes of files forbid, as far as the builder is asked', async (t) => {
	const boxfile = `RUN mkdir -m 777 /w && mkdir -m 700 /closed && echo > /closed/f && echo a > /shadow && chown 0:29 /shadow && chmod 640 /shadow && echo a > /secret && chmod 600 /secret
USER app
RUN cd /w && for c in 'test -r /shadow' 'test -w /shadow' 'test -r /secret' 'test -x /bin/busybox' 'mkdir /new' 'touch /new' 'ln -s a /new' 'echo > slash/' 'mkdir dir/' 'echo b > /secret' 'chown app /secret' 'chown 29 out' 'chgrp 29 out' 'chgrp 0 out' 'chown app out' 'cp /bin/busybox copy'; do (eval "$c") 2> /dev/null && echo "yes $c" >> out || echo "no $c" >> out; done
`;
	const {out, owners} = await resultOf(t, busyboxFiles(boxfile));
	t.deepEqual(out, [
		'yes test -r /shadow',
		'no test -w /shadow',
		'no test -r /secret',
		'yes test -x /bin/busybox',
		'no mkdir /new',
		'no touch /new',
		'no ln -s a /new',
		'no echo > slash/',
		'yes mkdir dir/',
		'no echo b > /secret',
		'no chown app /secret',
		'no chown 29 out',
		'yes chgrp 29 out',
		'no chgrp 0 out',
		'yes chown app out',
		'yes cp /bin/busybox copy',
	]);
	t.is(owners['w/out'], '1000/29');
});

when(needs, 'modes follow the umask, and a directory with the set-group-ID bit hands its group down, to root, too', async (t) => {
	const boxfile = `RUN mkdir -m 777 /w && cd /w && mkdir shared && chown 0:10 shared && chmod 2777 shared && echo > shared/roots && mkdir shared/dir && echo > shared/dir/f && ln -s x shared/link
USER app
RUN cd /w/shared && echo > apps && umask 077 && echo > private && mkdir sub && mkfifo pipe && umask 0 && echo > open && stat -c '%a %u:%g %n' * > /w/out
`;
	const {out, owners} = await resultOf(t, busyboxFiles(boxfile));
	t.deepEqual(out, [
		'644 1000:10 apps',
		'2755 0:10 dir',
		'777 0:10 link',
		'666 1000:10 open',
		'600 1000:10 pipe',
		'600 1000:10 private',
		'644 0:10 roots',
		'2700 1000:10 sub',
	]);
	t.is(owners['w/shared/dir/f'], '0/10');
});

when(needs, 'a step of root can become others: their children are them, and root stays root', async (t) => {
	const boxfile = `RUN mkdir -m 777 /w && su app -c 'id -u > /w/out; echo > /w/apps; (id -u; sh -c "id -G") >> /w/out' && id -u >> /w/out && echo > /w/roots
RUN (su app -c 'sleep 0.1; id -u >> /w/out' &) && sleep 0.3 && id -u >> /w/out
`;
	const {out, owners} = await resultOf(t, busyboxFiles(boxfile));
	t.deepEqual(out, ['1000', '1000', '1000 10 29', '0', '1000', '0']);
	t.like(owners, {'w/out': '1000/1000', 'w/apps': '1000/1000', 'w/roots': '0/0'});
});

when(needs, 'a working directory that is missing is made for the user of the step', async (t) => {
	const boxfile = 'RUN mkdir -m 777 /w && touch /w/out\nUSER app\nWORKDIR /made/here\nRUN echo > f\n';
	const {owners} = await resultOf(t, busyboxFiles(boxfile));
	t.is(owners['made/here/f'], '1000/1000');
});

when([notRoot, debian], 'programs of Debian that change who they are', async (t) => {
	const perl = String.raw`
$> = 1000; open(F, ">/w/by-app"); $> = 0; open(F, ">/w/by-root");
print "$< $> ", (split ' ', $))[0], "\n";
use Fcntl; sysopen(P, "/w/by-root", 0x200000); print chown(5, 6, *P) ? "given" : "not open";
print "\n";
use POSIX; setgid(1001); setuid(1000);
print "$< $> ", (setuid(0) // "refused"), " ", (POSIX::access("/etc/shadow", 4) // "unreadable"), "\n";`;
	const boxfile = `FROM tar:${debianTar(place.directory)}
RUN groupadd -g 1001 app && useradd -u 1000 -g app -G audio app && mkdir -m 777 /w && touch /w/out && chmod 666 /w/out && cp /usr/bin/id /usr/bin/rootid && chmod 4755 /usr/bin/rootid && cp /usr/bin/id /usr/bin/shadowid && chgrp shadow /usr/bin/shadowid && chmod 2755 /usr/bin/shadowid
COPY change.pl /
RUN perl /change.pl >> /w/out && setpriv --reuid=app --regid=app --init-groups id >> /w/out && start-stop-daemon --start --chuid app --exec /usr/bin/id >> /w/out && su app -c 'id -Gn; rootid -u; shadowid -gn' >> /w/out && chpasswd <<< app:secret && su -s /bin/sh app -c 'git --version || true' > /dev/null
USER app
RUN rootid >> /w/out && shadowid >> /w/out && ! passwd -S root && passwd -S app | cut -d' ' -f1,2 >> /w/out && install -m 640 -g audio /etc/hostname /w/installed && cp -a /w/installed /w/again && tar -C /w -cf /w/t.tar by-app && tar -tvf /w/t.tar | cut -d' ' -f2 >> /w/out
USER root
RUN rm /w/t.tar /etc/*- /etc/.pwd.lock
`.replace(' && chpasswd <<< app:secret', ' && echo app:secret | chpasswd -e');
	const {out, owners} = await resultOf(t, {Boxfile: boxfile, 'change.pl': perl});
	t.deepEqual(out, [
		'0 0 0',
		'not open',
		'1000 1000 refused unreadable',
		'uid=1000(app) gid=1001(app) groups=1001(app),29(audio)',
		'uid=1000(app) gid=1001(app) groups=1001(app),29(audio)',
		'app audio',
		'0',
		'shadow',
		'uid=1000(app) gid=1001(app) euid=0(root) groups=1001(app),29(audio)',
		'uid=1000(app) gid=1001(app) egid=42(shadow) groups=42(shadow),29(audio),1001(app)',
		'app P',
		'app/root',
	]);
	t.like(owners, {'w/by-app': '1000/0', 'w/by-root': '0/0', 'w/installed': '1000/29', 'w/again': '1000/29'});
});
