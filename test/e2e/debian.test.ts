import test from 'ava';
import {cpSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {aptArguments, debianTar} from '../support/debian-base.ts';
import {asNamespaceRoot} from '../support/namespace-root.ts';
import {debian, manyIds, notRoot} from '../support/requirements.ts';
import {topFolder} from '../support/top.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const context = place.fresh('web');
const output = `${place.directory}/web.tar`;
let listed: readonly string[] = [];

/** The line of `tar tv` for a path. */
const lineOf = (path: string): string => listed.find((line) => line.split(' ').at(-1) === path) ?? `no ${path}`;

async function layersOf(where: Workplace): Promise<readonly string[]> {
	const {stdout} = await where.boxbuild(['inspect', 'debian-web']);
	return (JSON.parse(stdout) as {readonly layers: readonly {readonly diffId: string}[]}).layers.map(({diffId}) => diffId);
}

function makeContext(): void {
	cpSync(join(topFolder(), 'examples/debian-web'), context, {recursive: true});
	for (let folder = 0; folder < 60; folder++) {
		mkdirSync(`${context}/site/p${folder}`);
		for (let page = 0; page < 60; page++) writeFileSync(`${context}/site/p${folder}/${page}.html`, `<p>${folder}.${page}</p>\n`);
		writeFileSync(`${context}/site/p${folder}/source.md`, 'hidden');
	}
	mkdirSync(`${context}/site/drafts`);
	writeFileSync(`${context}/site/drafts/secret.html`, 'hidden');
	writeFileSync(`${context}/site/drafts/published.html`, 'shown');
}

when(debian, 'a Debian root file system is imported and is the same file system when it comes out', async (t) => {
	const tar = debianTar(place.directory);
	const {code, stderr} = await place.boxbuild(['import', '-t', 'debian:bookworm', tar]);
	t.is(code, 0, stderr);
	const out = place.fresh('debian.tar');
	await place.built(t, {Boxfile: 'FROM debian:bookworm\nLABEL a=b\n'}, ['-o', `type=tar,dest=${out}`]);
	const list = async (file: string): Promise<readonly string[]> => {
		const lines = (await printedBy(['tar', '--numeric-owner', '--full-time', '-tvf', file])).trim().split('\n');
		// Which name of a hard link comes first depends on the order of the archive.
		return lines
			.filter((line) => !/^[hcb]| \.\/$/v.test(line) && !/ (?:\.\/)?dev\//v.test(line))
			.map((line) => line.replace(/ \.\//v, ' ').replace(/\s+/gv, ' '))
			.sort();
	};
	const [before, after] = [await list(tar), await list(out)];
	const hard = new Set(
		(await printedBy(['tar', '-tvf', tar]))
			.split('\n')
			.flatMap((line) => /^h.* \.?\/?(\S+) link to \.?\/?(\S+)$/v.exec(line)?.slice(1) ?? []),
	);
	const plain = (lines: readonly string[]): readonly string[] => lines.filter((line) => !hard.has(line.split(' ')[5] ?? ''));
	const [now, then] = [new Set(plain(after)), new Set(plain(before))];
	t.true(then.size > 5000);
	t.deepEqual([...then].filter((line) => !now.has(line)).slice(0, 20), []);
	t.deepEqual([...now].filter((line) => !then.has(line)).slice(0, 20), []);
});

when(debian, 'examples/debian-web builds: packages, users, capabilities, deletions, stages', async (t) => {
	makeContext();
	const {stderr} = await place.built(t, context, [
		'-t',
		'debian-web',
		'-o',
		`type=tar,dest=${output}`,
		'--progress',
		'plain',
		...aptArguments(),
	]);
	t.regex(stderr, /syntax is ok/v);
	listed = (await printedBy(['tar', '--numeric-owner', '--xattrs', '--xattrs-include=*', '-tvvf', output])).split('\n');
});

when([debian, manyIds, notRoot], 'every layer of it is the same with one id: packages, USER, links, capabilities', async (t) => {
	const other = new Workplace();
	try {
		const imported = await other.boxbuild(['import', '--ids', 'single', '-t', 'debian:bookworm', debianTar(place.directory)]);
		t.is(imported.code, 0, imported.stderr);
		const {stderr} = await other.built(t, context, ['-t', 'debian-web', '--ids', 'single', ...aptArguments()]);
		t.regex(stderr, /warning\[step\/user-not-switched\]/v);
		t.deepEqual(await layersOf(other), await layersOf(place));
	} finally {
		await other.remove();
	}
});

when(debian, 'its owners and modes are those that the packages want', async (t) => {
	const groups = new Map(
		(await printedBy(['tar', '-xOf', output, 'etc/group'])).split('\n').map((line) => [line.split(':')[0] ?? '', line.split(':')[2] ?? '']),
	);
	t.regex(lineOf('etc/shadow'), new RegExp(`^-rw-r-----. 0/${groups.get('shadow')} `, 'v'));
	t.regex(lineOf('usr/bin/chage'), new RegExp(`^-rwxr-sr-x. 0/${groups.get('shadow')} `, 'v'));
	t.regex(lineOf('usr/bin/ssh-agent'), new RegExp(`^-rwxr-sr-x. 0/${groups.get('_ssh')} `, 'v'));
	t.regex(lineOf('usr/lib/dbus-1.0/dbus-daemon-launch-helper'), new RegExp(`^-rwsr-xr--. 0/${groups.get('messagebus')} `, 'v'));
	t.regex(lineOf('usr/bin/ping'), /^-rwsr-xr-x. 0\/0 /v);
	t.regex(lineOf('usr/bin/passwd'), /^-rwsr-xr-x. 0\/0 /v);
	t.regex(lineOf('tmp/'), /^drwxrwxrwt. 0\/0 /v);
	t.regex(lineOf('srv/web/'), /^drwx.* 990\/990 /v);
	t.regex(lineOf('srv/web/whoami.txt'), /^-rw-r--r--. 990\/990 /v);
	t.regex(lineOf('srv/web/site/p7/8.html'), /^-rw.* 990\/990 /v);
	t.regex(await printedBy(['tar', '-xOf', output, 'srv/web/whoami.txt']), /^uid=990\(web\) gid=990\(web\) groups=990\(web\)$/mv);
});

when(debian, 'its capabilities, hard links and links are kept', async (t) => {
	const at = listed.findIndex((line) => line.endsWith(' usr/sbin/nginx'));
	t.regex(listed.slice(at, at + 3).join('\n'), /x:\s*20 security\.capability/v);
	const two = listed.filter((line) => /site\/(?:manifest|checksums)\.txt(?: link to .*)?$/v.test(line));
	t.is(two.length, 2);
	t.regex(two.join('\n'), /link to srv\/web\/site\/checksums\.txt/v);
	t.true(listed.some((line) => /usr\/bin\/perl5\.\S+ link to usr\/bin\/perl$/v.test(line)));
	t.regex(lineOf('var/www/html/'), /^drwxr-xr-x/v);
	t.regex(lineOf('var/www/html/index.nginx-debian.html'), /^-rw-r--r--/v);
});

when(debian, 'what was deleted or ignored is not there', (t) => {
	const paths = listed.map((line) => line.split(' ').at(-1) ?? '');
	t.deepEqual(
		paths.filter((path) =>
			/^usr\/share\/(?:doc|locale)\/.|^usr\/share\/man(?:\/|$)|^usr\/share\/zoneinfo\/[A-F]|\.md$|drafts\/secret|\.wh\./v.test(path),
		),
		[],
	);
	t.is(paths.filter((path) => /^srv\/web\/site\/.*\.html$/v.test(path)).length, 3602);
	t.true(paths.includes('srv/web/site/drafts/published.html'));
});

when([debian, manyIds], 'the unpacked image works: the programs start and the capability is in force', async (t) => {
	const tree = place.fresh('tree');
	const script = `mkdir -p "$0" && tar --xattrs --xattrs-include='*' --same-owner --numeric-owner -p -C "$0" -xf "$1" && getcap "$0/usr/sbin/nginx" && chroot "$0" dpkg --audit && chroot "$0" nginx -v 2>&1`;
	const printed = await printedBy([...asNamespaceRoot(), 'sh', '-c', script, tree, output]);
	t.regex(printed, /cap_net_bind_service=ep/v);
	t.regex(printed, /nginx version/v);
});

when(debian, 'a second build runs nothing, and a changed page only what depends on it', async (t) => {
	const again = await place.built(t, context, aptArguments());
	t.false(again.stderr.includes('steps run with'), again.stderr);
	writeFileSync(`${context}/site/index.html`, 'changed');
	const {stderr} = await place.built(t, context, aptArguments());
	t.regex(stderr, /apt-get .* cached/v);
	t.regex(stderr, /COPY site \. done/v);
	t.regex(stderr, /COPY --from=site .* done/v);
});
