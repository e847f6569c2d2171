import test from 'ava';
import {execFileSync} from 'node:child_process';
import {statSync, symlinkSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {listResult, pathsOf, readResult} from '../support/list-result.ts';
import {debianProgram, fuse, manyIds} from '../support/requirements.ts';
import {privateText, Victim} from '../support/victim.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
const victim = new Victim(place);
test.after.always(() => place.remove());

/** Descriptors that the builder and the step program have while they make a sandbox. */
const descriptors = [3, 4, 5, 6, 7, 8, 9, 10, 12, 60, 61, 62, 63, 64, 65, 70];

when(busybox, 'M1: WORKDIR /proc/self/fd/8 stays inside the root', async (t) => {
	let entered = 0;
	for (const number of descriptors) {
		// The image has a file of that name as well: who is inside finds it.
		const boxfile = `COPY inside ${victim.file}
WORKDIR /proc/self/fd/${number}
RUN cat ../../../../../../../../../../../../../..${victim.file}
`;
		const {code, stderr} = await place.build(busyboxFiles(boxfile, {inside: 'found inside\n'}), ['--progress', 'plain']);
		victim.isUntouched(t, `descriptor ${number}`, stderr);
		if (code === 0) t.regex(stderr, /\| found inside/v, `descriptor ${number}`);
		else t.regex(stderr, /error\[step\/working-directory\]/v, `descriptor ${number}`);
		if (code === 0) entered++;
	}
	t.true(entered > 0, 'some of them are directories');
});

for (const name of ['dev', 'proc', 'sys']) {
	when(busybox, `M13: an image whose /${name} is a symbolic link to the outside`, async (t) => {
		const directory = place.context(
			busyboxFiles('COPY link/ /\nRUN ls -la /dev/ /proc/ /sys/; echo x > /dev/x; true\n', {'link/readme': ''}),
		);
		symlinkSync(victim.directory, `${directory}/link/${name}`);
		const {code, stderr} = await place.build(directory, ['--progress', 'plain']);
		victim.isUntouched(t, name, stderr);
		t.regex(stderr, /error\[step\/setup\]/v);
		t.is(code, 1, stderr);
	});
}

when(busybox, 'M13: an image whose resolv.conf and hosts are links to the outside does not get them written to', async (t) => {
	const directory = place.context(
		busyboxFiles('COPY link/ /etc/\nRUN cat /etc/hosts /etc/resolv.conf; echo x > /etc/hosts; true\n', {'link/readme': ''}),
	);
	for (const name of ['hosts', 'resolv.conf']) symlinkSync(victim.file, `${directory}/link/${name}`);
	const {code, stderr} = await place.build(directory, ['--progress', 'plain']);
	t.is(code, 0, stderr);
	victim.isUntouched(t, 'etc', stderr);
});

when(busybox, 'M14: what of /proc and /sys concerns the machine cannot be read or written, by root neither', async (t) => {
	const boxfile = `RUN for f in /proc/sys/vm/swappiness /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/kernel/mm/ksm/run; do \\
      if test -e $f; then value=$(cat $f 2>/dev/null); if echo "$value" 2>/dev/null > $f; then echo wrote $f >> /out; fi; fi; done; \\
    for f in /proc/kcore /proc/keys /proc/timer_list; do test "$(head -c 1 $f 2>/dev/null)" = "" || echo read $f >> /out; done; \\
    for d in /proc/acpi /proc/scsi /sys/firmware; do test "$(ls $d 2>/dev/null)" = "" || echo listed $d >> /out; done; \\
    ! mount -t tmpfs none /bin 2>/dev/null && ! umount /proc/kcore 2>/dev/null && ! umount /proc/sys 2>/dev/null || echo mounted >> /out; \\
    rm -rf /proc/kcore 2>/dev/null; ln -sf /proc/sys/kernel /proc/keys 2>/dev/null; \\
    test -r /proc/self/status && test -c /dev/null && echo end >> /out
`;
	t.is(await readResult(t, place, busyboxFiles(boxfile), 'out'), 'end\n');
});

const drivers = ['overlay', 'fuse'] as const;

for (const driver of drivers) {
	when(driver === 'fuse' ? [busybox, fuse] : busybox, `X1: a device that a step makes cannot be opened: ${driver}`, async (t) => {
		const boxfile = `RUN mkdir /d; for d in /d/zero /dev/made /tmp/zero /dev/shm/zero; do mknod $d c 1 5 && head -c 1 $d > /dev/null && echo opened $d >> /out; done; \\
    head -c 1 /dev/zero > /dev/null && echo end >> /out
`;
		t.is(await readResult(t, place, busyboxFiles(boxfile), 'out', ['--driver', driver, '--no-cache']), 'end\n');
	});
}

when(busybox, 'X8: a step changes neither owner nor mode of the devices that the machine has, and can use them', async (t) => {
	const boxfile = `RUN for f in /dev/null /dev/full /dev/zero; do chmod 600 $f 2>/dev/null; chown 12:12 $f 2>/dev/null; touch -d @7 $f 2>/dev/null; done; \\
    echo x > /dev/null && head -c 1 /dev/zero > /dev/null && head -c 1 /dev/urandom > /dev/null && ! echo x 2>/dev/null > /dev/full && echo end > /out
`;
	const paths = ['/dev/null', '/dev/full', '/dev/zero'];
	const owners = (): readonly string[] => paths.map((path) => statSync(path)).map(({mode, uid, gid}) => `${mode} ${uid} ${gid}`);
	const before = owners();
	t.is(await readResult(t, place, busyboxFiles(boxfile), 'out', ['--no-cache']), 'end\n');
	t.deepEqual(owners(), before);
});

when(busybox, 'X2: what a step does to /dev no other step of the build sees', async (t) => {
	const look =
		'ls -1 /dev > /out && (cat /dev/.boxbuild-apt.conf || true) >> /out 2>&1 && readlink /dev/fd >> /out && readlink /dev/stdout >> /out';
	const boxfile = `FROM base AS before
RUN ${look}
FROM base AS hostile
COPY --from=before /out /before
RUN rm -rf /dev/fd /dev/stdout /dev/.boxbuild-apt.conf /dev/ptmx; ln -s /etc/passwd /dev/stdout; echo 'Dpkg::Pre-Invoke "evil";' > /dev/.boxbuild-apt.conf; \\
    touch /dev/left; mkdir /dev/d; chmod 777 /dev; echo done > /done
FROM base AS after
COPY --from=hostile /done /done
RUN ${look}
FROM scratch
COPY --from=before /out /before
COPY --from=after /out /after
`;
	const files = busyboxFiles(boxfile);
	const before = await readResult(t, place, files, 'before');
	t.regex(before, /^null$/mv);
	t.is(await readResult(t, place, files, 'after'), before);
});

when([busybox, manyIds, debianProgram('setfattr', 'attr')], 'X3: a step of another USER cannot give its files to root', async (t) => {
	const boxfile = `FROM host AS tool
RUN mkdir /o && cp -L --parents $(ldd $(which setfattr) | grep -o '/[^ )]*') /o && cp -L $(which setfattr) /o
FROM base
COPY --from=tool /o/ /
RUN mkdir -m 777 /w
USER app
RUN cd /w && cp /bin/busybox own && chmod 4755 own && /setfattr -n user.boxbuild.owner -v 0:0 own && mkdir d && /setfattr -n user.boxbuild.owner -v 3:4 d
USER root
RUN chown 0:0 /w/d
`;
	const lines = await listResult(t, place, busyboxFiles(boxfile));
	const owners = lines.filter((line) => / w\//v.test(line));
	t.deepEqual(owners, ['drwxrwxrwx 0/0 w/', 'drwxr-xr-x 0/0 w/d/', '-rwsr-xr-x 1000/1000 w/own']);
});

when(busybox, 'M16: deleting layers, caches and failed steps follows no link', async (t) => {
	const own = new Workplace();
	const {directory: out} = victim;
	const links = `ln -s ${out} /l && ln -s ${out}/file /f && mkdir -p /d/sub && ln -s ../../../../../../../../../../..${out} /d/sub/up && ln -s . /d/self`;
	const boxfile = `RUN ${links}
RUN rm -r /d && ln -s ${out} /d && rm /l && mkdir -p /l/sub
RUN --mount=type=cache,target=/c cd /c && ln -s ${out} l && mkdir d && rmdir d && ln -s ${out}/sub d && rm l
RUN mkdir /e && ln -s ${out} /e/l && exit 7
`;
	t.is((await own.build(busyboxFiles(boxfile))).code, 1);
	await own.built(t, busyboxFiles(boxfile.replace(' && exit 7', '')), ['-t', 'links']);
	t.is((await own.boxbuild(['rm', 'links'])).code, 0);
	const pruned = await own.boxbuild(['prune', '--all']);
	t.regex(pruned.stdout, /^deleted [1-9]\d* layers, .* and 1 cache mounts/v);
	victim.isUntouched(t, 'prune');
	await own.remove();
	victim.isUntouched(t, 'remove');
});

/** Programs that the builder itself starts, and a linker for them. */
const programs = 'sh tar gzip xz bzip2 zstd git ssh ssh-agent ssh-add newuidmap newgidmap unshare fuse-overlayfs mount node true'.split(
	' ',
);

when(busybox, 'M18: programs and libraries of an image are not run outside the sandbox', async (t) => {
	const evil = `#!/bin/busybox sh\necho ran >> ${victim.directory}/ran\necho ${privateText}\n`;
	const directory = place.context(
		busyboxFiles(
			`FROM scratch AS evil
COPY evil/ /
COPY etc /etc
ENV PATH=/bin:/usr/bin LD_PRELOAD=/lib/evil.so LD_LIBRARY_PATH=/lib NODE_OPTIONS=--require=/lib/evil.js GIT_SSH_COMMAND=/bin/sh
WORKDIR /usr/bin
ADD --chown=app a.tar.xz b.tar.gz /unpacked/
USER app
FROM base
COPY --from=evil --chown=app /unpacked /unpacked
RUN ls /unpacked > /out
`,
			{
				...Object.fromEntries(programs.flatMap((name) => [`bin/${name}`, `usr/bin/${name}`].map((path) => [`evil/${path}`, evil]))),
				'evil/lib/evil.so': 'no library',
				'evil/lib/evil.js': `require('fs').writeFileSync('${victim.directory}/ran', '')`,
				'evil/etc/nsswitch.conf': 'passwd: evil\ngroup: evil\n',
				'evil/lib/libnss_evil.so.2': 'no library',
				'evil/etc/ld.so.preload': '/lib/evil.so\n',
				'data/x': 'x',
			},
		),
	);
	execFileSync('tar', ['-C', `${directory}/data`, '-cJf', `${directory}/a.tar.xz`, 'x']);
	execFileSync('tar', ['-C', `${directory}/data`, '-czf', `${directory}/b.tar.gz`, 'x']);
	const layout = place.fresh('evil.tar');
	const args = ['-o', `type=oci,dest=${layout}`];
	const paths = pathsOf(await listResult(t, place, directory, args));
	t.true(paths.includes('unpacked/x'));
	const {stderr} = await place.build(directory, ['--target', 'evil', '--no-cache']);
	victim.isUntouched(t, 'programs', stderr);
	// Inside they do run: the test would see it.
	const boxfile = 'COPY --chmod=755 evil /bin/git\nRUN git\n';
	const inside = await place.build(busyboxFiles(boxfile, {evil}), ['--progress', 'plain']);
	t.regex(inside.stderr, new RegExp(`\\| ${privateText}`, 'v'));
	victim.isUntouched(t, 'programs inside');
});
