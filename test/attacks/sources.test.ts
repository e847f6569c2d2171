import test from 'ava';
import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {git, makeRepositories, servedGit, withServedRepositories} from '../support/git-repositories.ts';
import {startLoopbackServer} from '../support/loopback-server.ts';
import {privateText, Victim} from '../support/victim.ts';
import {when} from '../support/when.ts';
import {Workplace, type Files} from '../support/workplace.ts';

const place = new Workplace();
const victim = new Victim(place);
test.after.always(() => place.remove());

const plain = ['--progress', 'plain'] as const;
const up = '../../../../../../../../../../../..';

/** A tar of these files and links. */
function archive(files: Files, links: Readonly<Record<string, string>>): Buffer {
	const directory = place.context(files);
	for (const [path, target] of Object.entries(links)) symlinkSync(target, `${directory}/${path}`);
	return execFileSync('tar', ['-C', directory, '-c', '.']);
}

for (const [what, target] of Object.entries({absolute: victim.directory, 'with ..': up + victim.directory})) {
	test.serial(`S2: a tar context with a directory that is a link to the outside, ${what}`, async (t) => {
		writeFileSync(`${victim.directory}/sub/Boxfile`, '');
		const input = archive({Boxfile: 'FROM scratch\nCOPY link/file /\n', real: ''}, {link: target, again: 'link'});
		for (const args of [
			['-'],
			['-f', 'link/file', '-'],
			['-f', 'again/file', '-'],
			['-f', `${up}${victim.file}`, '-'],
			['-f', victim.file, '-'],
		]) {
			const {code, stderr} = await place.boxbuild(['build', ...plain, ...args], {input});
			t.is(code, 2, `${args.join(' ')}\n${stderr}`);
			t.false(stderr.includes(privateText), stderr);
		}
		for (const line of [
			'COPY link/ /',
			'COPY again/file /',
			'ADD link/fi* /',
			'RUN --mount=source=link,target=/m cat /m/file',
			'COPY --parents link/file /',
		]) {
			const hostile = archive(
				{Boxfile: `FROM host AS a\n${line}\nFROM scratch\nCOPY --from=a /etc/hostname /\n`},
				{link: target, again: 'link'},
			);
			const {code, stderr} = await place.boxbuild(['build', ...plain, '-'], {input: hostile});
			t.is(code, 2, `${line}\n${stderr}`);
			t.false(stderr.includes(privateText), stderr);
		}
		// What is linked inside is found.
		const legal = archive({Boxfile: 'FROM scratch\nCOPY link/x /\n', 'real/x': 'x'}, {link: 'real'});
		t.is((await place.boxbuild(['build', '-'], {input: legal})).code, 0);
	});
}

test.serial('S9: an ignore file that is a link to the outside is an error that does not quote it', async (t) => {
	// Every line of it would be an error with its text.
	writeFileSync(`${victim.directory}/sub/bad`, `[${privateText}\n`);
	for (const name of ['.dockerignore', '.boxignore', '.containerignore', 'Boxfile.dockerignore']) {
		for (const target of [
			`${victim.directory}/sub/bad`,
			up + `${victim.directory}/sub/bad`,
			victim.directory,
			'/dev/zero',
			'/proc/self/environ',
		]) {
			const directory = place.context({Boxfile: 'FROM scratch\nCOPY x /\n', x: ''});
			symlinkSync(target, `${directory}/${name}`);
			const {code, stderr, milliseconds} = await place.build(directory, plain);
			t.is(code, 2, stderr);
			t.regex(stderr, /context\/ignore-file-(?:outside|unreadable)/v);
			t.false(stderr.includes(privateText), stderr);
			t.true(milliseconds < 30_000);
		}
	}
	// Of the context itself it is quoted: that is what the links are after.
	const own = await place.build({Boxfile: 'FROM scratch\nCOPY x /\n', x: '', '.dockerignore': `[${privateText}\n`});
	t.true(own.stderr.includes(privateText));
});

test.serial('S12: a local output does not follow links that an output before it has made', async (t) => {
	const dest = place.fresh('dest');
	const first = place.context({Boxfile: 'FROM scratch\nCOPY tree/ /\n'});
	mkdirSync(`${first}/tree/d`, {recursive: true});
	symlinkSync(victim.directory, `${first}/tree/out`);
	symlinkSync(victim.file, `${first}/tree/f`);
	symlinkSync(up + victim.directory, `${first}/tree/d/up`);
	await place.built(t, first, ['-o', dest]);
	const attempts: readonly Files[] = [
		{'tree/out/authorized_keys': 'evil'},
		{'tree/out/file': 'evil'},
		{'tree/out/sub/x': 'evil'},
		{'tree/d/up/file': 'evil'},
	];
	for (const files of attempts) {
		const {code, stderr} = await place.build({Boxfile: 'FROM scratch\nCOPY tree/ /\n', ...files}, ['-o', dest]);
		t.is(code, 2, stderr);
		t.regex(stderr, /export\/unsafe-destination/v);
		for (const name of ['authorized_keys', 'sub/x']) t.throws(() => readFileSync(`${victim.directory}/${name}`), {code: 'ENOENT'});
		t.is(readFileSync(victim.file, 'utf8'), `${privateText}\n`);
	}
	await place.built(t, {Boxfile: 'FROM scratch\nCOPY f /\n', f: 'replaces the link'}, ['-o', dest]);
	t.is(readFileSync(`${dest}/f`, 'utf8'), 'replaces the link');
	t.is(readFileSync(victim.file, 'utf8'), `${privateText}\n`);
});

when(servedGit, 'X5: git does not use the passwords of .netrc', async (t) => {
	const home = place.fresh('home');
	mkdirSync(home);
	const server = await startLoopbackServer((_, response) => response.writeHead(401, {'www-authenticate': 'Basic realm="x"'}).end());
	try {
		writeFileSync(`${home}/.netrc`, 'machine 127.0.0.1 login someone password pa55word\n', {mode: 0o600});
		const build = (url: string) => place.build({Boxfile: `FROM scratch\nADD ${url}/private.git /r\n`}, plain, {env: {HOME: home}});
		t.is((await build(server.url)).code, 2);
		t.true(server.requests.length > 0);
		t.deepEqual(
			server.requests.filter(({headers}) => headers.authorization !== undefined),
			[],
		);
		// Those of the URL are used: the test would see it.
		await build(server.url.replace('http://', 'http://someone:pa55word@'));
		t.true(server.requests.some(({headers}) => headers.authorization !== undefined));
	} finally {
		server.close();
	}
});

when(servedGit, 'S1: a repository whose Boxfile or submodule leads out shows nothing of the machine', async (t) => {
	const made = makeRepositories(place);
	const work = place.fresh('hostile');
	mkdirSync(work);
	git(work, 'clone', '--quiet', `${made.directory}/tool.git`, '.');
	symlinkSync(victim.file, `${work}/Hostile`);
	symlinkSync(victim.directory, `${work}/dir`);
	writeFileSync(
		`${work}/.gitmodules`,
		`[submodule "part"]\n\tpath = part\n\turl = ${victim.directory}\n\tupdate = !touch ${victim.directory}/ran\n`,
	);
	git(work, 'add', '.');
	git(work, 'update-index', '--add', '--cacheinfo', `160000,${made.second},part`);
	git(work, 'commit', '--quiet', '-m', 'hostile');
	git(work, 'push', '--quiet', 'origin', 'HEAD:refs/heads/hostile');
	await withServedRepositories(made, async (url) => {
		for (const [context, ...args] of [
			[`${url}#hostile`],
			[`${url}?branch=hostile&submodules=false`, '-f', 'Hostile'],
			[`${url}?branch=hostile&submodules=false`, '-f', 'dir/file'],
			[`${url}?branch=hostile&submodules=false&subdir=dir`],
			[`${url}?branch=hostile&submodules=false`, '-f', `${up}${victim.file}`],
		]) {
			const {code, stderr} = await place.build(context ?? '', [...plain, ...args]);
			t.is(code, 2, `${context} ${args.join(' ')}\n${stderr}`);
			t.false(stderr.includes(privateText), stderr);
		}
	});
	t.throws(() => readFileSync(`${victim.directory}/ran`), {code: 'ENOENT'});
});
