import test from 'ava';
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {git} from '../support/git-repositories.ts';
import {debianProgram, program} from '../support/requirements.ts';
import {makeKey, startAgent, startSshServer, type SshServer} from '../support/ssh-server.ts';
import {when} from '../support/when.ts';
import {type Ended, printedBy, Workplace, writeFiles, type Files} from '../support/workplace.ts';

const place = new Workplace();
const needed = [
	debianProgram('git'),
	program('sshd', 'apt-get install openssh-server'),
	program('ssh-agent', 'apt-get install openssh-client'),
	debianProgram('busybox', 'busybox-static'),
];
const isReady = needed.every(({holds}) => holds);

const home = place.fresh('home');
const key = `${place.directory}/key`;
const other = `${place.directory}/other`;
const socket = `${place.directory}/agent`;
const temporary = place.fresh('tmp');
let server: SshServer;
let agent: {close(): Promise<void>};
let repository = '';

test.before(async () => {
	if (!isReady) return;
	for (const directory of [home, `${home}/.ssh`, temporary]) mkdirSync(directory);
	for (const file of [key, other]) makeKey(file);
	server = await startSshServer(place.fresh('sshd'), `${key}.pub`);
	agent = await startAgent(socket, [key]);
	const work = place.fresh('work');
	mkdirSync(work);
	git(work, 'init', '--quiet');
	writeFiles(work, {README: 'one\n', 'src/main': 'main\n', Boxfile: 'FROM scratch\nCOPY src /s\n'});
	git(work, 'add', '.');
	git(work, 'commit', '--quiet', '-m', 'one');
	const bare = place.fresh('tool.git');
	git(work, 'clone', '--quiet', '--bare', '.', bare);
	repository = `${server.url}${bare}`;
	know(server.knownHost);
});
test.after.always(async () => {
	await agent?.close();
	await server?.close();
	await place.remove();
});

const know = (line: string): void => writeFileSync(`${home}/.ssh/known_hosts`, line);
const add = (): Files => ({Boxfile: `FROM scratch\nADD ${repository} /r\n`});
const environment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({HOME: home, TMPDIR: temporary, ...more});
const build = (what: string | Files, args: readonly string[] = [], more: Readonly<Record<string, string>> = {}): Promise<Ended> =>
	place.build(what, args, {env: environment(more)});

/** The paths of a result that has to be built. */
async function paths(
	t: {is(one: unknown, two: unknown, message?: string): void},
	what: string | Files,
	args: readonly string[],
	more = {},
): Promise<string> {
	const tar = place.fresh('out.tar');
	const ended = await build(what, [...args, '--no-cache', '-o', `type=tar,dest=${tar}`], more);
	t.is(ended.code, 0, ended.stderr);
	return (await printedBy(['tar', '-tf', tar])).trim().split('\n').sort().join(' ');
}

when(needed, 'ADD of a repository behind SSH uses the agent of --ssh default, and no other', async (t) => {
	const without = await build(add(), [], {SSH_AUTH_SOCK: socket});
	t.is(without.code, 2);
	t.regex(without.stderr, /context\/ssh-denied[\s\S]*the command line gives no key[\s\S]*add --ssh default/v);
	t.regex(without.stderr, /Boxfile:2:5/v);
	const all = 'r/ r/Boxfile r/README r/src/ r/src/main';
	t.is(await paths(t, add(), ['--ssh', 'default'], {SSH_AUTH_SOCK: socket}), all);
	t.is(await paths(t, add(), ['--ssh', `default=${socket}`]), all);
});

when(needed, 'ADD takes private key files, and their agent ends with the build', async (t) => {
	t.is(await paths(t, add(), ['--ssh', `default=${other},${key}`]), 'r/ r/Boxfile r/README r/src/ r/src/main');
	const denied = await build(add(), ['--no-cache', '--ssh', `default=${other}`]);
	t.is(denied.code, 2);
	t.regex(denied.stderr, /context\/ssh-denied[\s\S]*no key of the agent `default` was accepted/v);
});

when(needed, 'a step sees the keys of the files, and can neither add nor delete any', async (t) => {
	const script = 'ssh-add -l >/keys; ssh-add -D; ssh-add -l >>/keys';
	const tar = place.fresh('keys.tar');
	const boxfile = `FROM host AS client\nRUN --mount=type=ssh ${script}\nFROM scratch\nCOPY --from=client /keys /\n`;
	const ended = await build({Boxfile: boxfile}, ['--ssh', `default=${key}`, '-o', `type=tar,dest=${tar}`]);
	t.is(ended.code, 0, ended.stderr);
	const lines = (await printedBy(['tar', '-xOf', tar, 'keys'])).trim().split('\n');
	t.is(lines.length, 2);
	t.is(lines[0], lines[1]);
	t.regex(lines[0] ?? '', /ED25519/v);
});

when(needed, 'a repository behind SSH is a context and a named context, with the own agent of who asks for it', async (t) => {
	const own = {SSH_AUTH_SOCK: socket};
	t.is(await paths(t, repository, [], own), 's/ s/main');
	const piped = await place.build(`${repository}?subdir=src`, ['-f', '-'], {
		env: environment(own),
		input: 'FROM scratch\nCOPY main /m\n',
	});
	t.is(piped.code, 0, piped.stderr);
	const named = {Boxfile: 'FROM scratch\nCOPY --from=tool src/main /\n'};
	t.is(await paths(t, named, ['--build-context', `tool=${repository}`], own), 'main');
	t.is(await paths(t, named, ['--build-context', `tool=${repository}`, '--ssh', `default=${key}`]), 'main');
	const denied = await build(repository);
	t.regex(denied.stderr, /context\/ssh-denied/v);
});

when(needed, 'a server that is not known, or has another key, is refused', async (t) => {
	try {
		know('');
		const unknown = await build(add(), ['--no-cache', '--ssh', `default=${key}`]);
		t.is(unknown.code, 2);
		t.regex(unknown.stderr, /context\/ssh-host-key/v);
		t.true(unknown.stderr.includes(`ssh-keyscan -p ${server.port} 127.0.0.1`), unknown.stderr);
		makeKey(`${place.directory}/changed`);
		const wrong = await printedBy(['cut', '-d', ' ', '-f1,2', `${place.directory}/changed.pub`]);
		know(`[127.0.0.1]:${server.port} ${wrong}`);
		const changed = await build(add(), ['--no-cache', '--ssh', `default=${key}`]);
		t.is(changed.code, 2);
		t.regex(changed.stderr, /context\/ssh-host-key[\s\S]*another key[\s\S]*fingerprint SHA256:/v);
		t.is(readdirSync(`${home}/.ssh`).join(' '), 'known_hosts');
	} finally {
		know(server.knownHost);
	}
});
