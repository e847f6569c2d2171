import {array, assert, property, string, tuple} from 'fast-check';
import test from 'ava';
import {chmodSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {operationKey} from '../../src/plan/step-key.ts';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {configOf, writeLayout} from '../support/hostile-image.ts';
import {listResult, pathsOf, readResult} from '../support/list-result.ts';
import {makeTar, member} from '../support/make-tar.ts';
import {manyIds} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

test.serial('C1: an image whose history claims to be a step of FROM scratch is no hit for that step', async (t) => {
	const boxfile = {Boxfile: 'FROM scratch\nCOPY f /f\n', f: 'good'};
	const tar = makeTar([member('file', 'f', 'evil')]);
	for (const history of [
		[{created_by: 'COPY f /f # buildkit'}],
		[{created_by: '/bin/sh -c #(nop) COPY file:770e288fb6c7ea4aa0a8d1b1b6ea6ee0 in /f '}],
		[{created_by: 'COPY f /f', comment: 'buildkit.dockerfile.v0'}],
	]) {
		const context = place.context({Boxfile: 'FROM oci:layout\n'});
		writeLayout(tar, `${context}/layout`, configOf(tar, {history, parent: 'sha256:', container_config: {Cmd: ['COPY f /f']}}));
		await place.built(t, context, ['-t', 'claims']);
		t.is(await readResult(t, place, boxfile, 'f'), 'good');
	}
	t.is(await readResult(t, place, {Boxfile: 'FROM claims\n'}, 'f'), 'evil');
});

test.serial('C1: images that differ in one member of their configuration only are not taken for each other', async (t) => {
	const tar = makeTar([member('file', 'f', 'same')]);
	const context = place.context({Boxfile: 'FROM oci:layout\nCOPY x /x\n', x: 'x'});
	const seen = new Map<string, string>();
	const configs: readonly object[] = [
		{},
		{Healthcheck: {Test: ['NONE']}},
		{Healthcheck: {Test: ['CMD', 'x']}},
		{OnBuild: ['COPY x /triggered']},
		{OnBuild: ['LABEL a=b']},
		{Env: ['A=1']},
		{Env: ['A=1', 'B=2']},
		{Env: ['A=1\nB=2']},
		{User: '1'},
		{WorkingDir: '/w'},
		{Cmd: ['a b']},
		{Cmd: ['a', 'b']},
		{Entrypoint: ['a', 'b']},
		{Shell: ['a', 'b']},
		{StopSignal: '9'},
		{Volumes: {'/v': {}}},
		{ExposedPorts: {'1/tcp': {}}},
		{Labels: {a: 'b c'}},
	];
	for (const config of configs) {
		rmSync(`${context}/layout`, {recursive: true, force: true});
		writeLayout(tar, `${context}/layout`, configOf(tar, {config}));
		const text = JSON.stringify(config);
		// A trigger is done with when it has run; here it is what it did that differs.
		const digest = await place.digest(t, context);
		t.is(seen.get(digest), undefined, text);
		seen.set(digest, text);
		t.is(pathsOf(await listResult(t, place, context)).includes('triggered'), text.includes('triggered'), text);
	}
	t.true(seen.has(await place.digest(t, context)), 'a hit');
});

test('C3: no two commands, environments or inputs have one key', (t) => {
	const texts = array(string({maxLength: 4}), {maxLength: 4});
	const pairs = array(tuple(string({minLength: 1, maxLength: 3}), string({maxLength: 3})), {maxLength: 3});
	type Parts = readonly [string[], [string, string][], [string, string][], string];
	const keyOf = ([args, env, inputs, cwd]: Parts): string =>
		operationKey({kind: 'exec', args, env, user: '', cwd, network: 'host'}, inputs);
	const parts = tuple(texts, pairs, pairs, string({maxLength: 3}));
	assert(
		property(parts, parts, (one, two) => (keyOf(one) === keyOf(two)) === (JSON.stringify(one) === JSON.stringify(two))),
		{numRuns: 2000},
	);
	// The same characters, cut in other places.
	assert(
		property(texts, (args) => {
			const joined = args.join('');
			const keys = [args, [joined], [...joined], [`${joined} `], [joined, '']].map((list) => [
				JSON.stringify(list),
				keyOf([list, [], [], '']),
			]);
			return new Set(keys.map(([text]) => text)).size === new Set(keys.map(([, key]) => key)).size;
		}),
		{numRuns: 500},
	);
	t.pass();
});

/** A step that never yields the same twice: the same result is a hit. */
const boxfile = `RUN mkdir -m 777 /w
ARG A=1
ENV E=1
COPY src /src
COPY --chmod=600 one /one
RUN --mount=target=/ctx,source=bound <<END
cat /proc/sys/kernel/random/uuid > /w/out
END
`;

function context(change: (text: string) => string = (text) => text, more: Record<string, string> = {}): string {
	const directory = place.context(busyboxFiles(change(boxfile), {'src/x': 'x', 'src/hidden': 'h', one: '1', 'bound/y': 'y', ...more}));
	symlinkSync('x', `${directory}/src/link`);
	symlinkSync('y', `${directory}/bound/link`);
	return directory;
}

function relinked(path: string): string {
	const directory = context();
	rmSync(`${directory}/${path}`);
	symlinkSync('elsewhere', `${directory}/${path}`);
	return directory;
}

function chmodded(path: string): string {
	const directory = context();
	chmodSync(`${directory}/${path}`, 0o755);
	return directory;
}

const before = 'RUN --mount';
const inputs: Readonly<Record<string, () => readonly [directory: string, ...args: string[]]>> = {
	'a build argument': () => [context(), '--build-arg', 'A=2'],
	'a variable': () => [context((text) => text.replace('E=1', 'E=2'))],
	'another variable': () => [context((text) => text.replace('ENV E=1', 'ENV E=1\nENV F='))],
	'the body of a heredoc': () => [context((text) => text.replace('cat', 'cat '))],
	'the content of a bind': () => [context(undefined, {'bound/y': 'z'})],
	'the mode of a file of a bind': () => [chmodded('bound/y')],
	'the target of a link of a bind': () => [relinked('bound/link')],
	'a name in a bind': () => [context(undefined, {'bound/z': ''})],
	'the content of a copied file': () => [context(undefined, {'src/x': 'y'})],
	'the mode of a copied file': () => [chmodded('src/x')],
	'the target of a copied link': () => [relinked('src/link')],
	'the ignore file': () => [context(undefined, {'.dockerignore': 'src/hidden\n'})],
	'the --chmod of a copy': () => [context((text) => text.replace('--chmod=600', '--chmod=601'))],
	'the working directory': () => [context((text) => text.replace(before, `WORKDIR /src\n${before}`))],
	'the shell': () => [context((text) => text.replace(before, `SHELL ["/bin/sh", "-ec"]\n${before}`))],
	'the target of a mount': () => [context((text) => text.replace('/ctx', '/cty'))],
	'the rights of a mount': () => [context((text) => text.replace('source=bound', 'source=bound,rw'))],
	'the network': () => [context(), '--network', 'none'],
	'the names of hosts': () => [context(), '--add-host', 'a:1.2.3.4'],
	'the rights of a step': () => [
		context((text) => text.replace(before, 'RUN --security=insecure --mount')),
		'--allow',
		'security.insecure',
	],
	'a file below': () => [context((text) => `RUN echo more > /more\n${text}`)],
};

for (const [what, changed] of Object.entries(inputs)) {
	when(busybox, `C4: a step runs again when what it can see changes: ${what}`, async (t) => {
		const original = context();
		const first = await readResult(t, place, original, 'w/out');
		t.is(await readResult(t, place, context(), 'w/out'), first, 'a hit');
		const [directory, ...args] = changed();
		t.not(await readResult(t, place, directory, 'w/out', args), first, what);
		t.is(await readResult(t, place, original, 'w/out'), first, 'still a hit');
	});
}

when([busybox, manyIds], 'C4: a step runs again when what it can see changes: the user, or what the image has for the name', async (t) => {
	const as = (user: string, passwd: string): string => {
		const directory = context((text) => text.replace(before, `USER ${user}\n${before}`));
		writeFileSync(`${directory}/etc/passwd`, passwd);
		return directory;
	};
	const passwd = 'root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n';
	const results = [
		await readResult(t, place, as('root', passwd), 'w/out'),
		await readResult(t, place, as('app', passwd), 'w/out'),
		await readResult(t, place, as('1000', passwd), 'w/out'),
		await readResult(t, place, as('app', passwd.replace('1000:1000', '1001:1000')), 'w/out'),
		await readResult(t, place, as('app', passwd.replace('1000:1000', '1000:1001')), 'w/out'),
	];
	t.is(new Set(results).size, results.length);
});
