import test from 'ava';
import {execFileSync} from 'node:child_process';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {listResult, pathsOf} from '../support/list-result.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const library = {
	'lib/Boxfile': 'FROM scratch AS part\nCOPY . /lib/\nENV LIB=1\nFROM scratch AS last\nCOPY --from=part /lib/a /last\n',
	'lib/Boxfile.dockerignore': '*.log\nBoxfile*\n',
	'lib/a': 'a',
	'lib/b.log': '',
	'b.log': '',
	own: 'own',
};

test.serial('a stage of another Boxfile has its own directory as context, with its ignore file', async (t) => {
	const boxfile = 'FROM ./lib/Boxfile#part\nCOPY own b.log /\nCOPY --from=./lib/Boxfile /last /\n';
	t.deepEqual(pathsOf(await listResult(t, place, {...library, Boxfile: boxfile})), ['b.log', 'last', 'lib/', 'lib/a', 'own']);
});

test.serial('what it is built from decides about hits, not where it lies', async (t) => {
	const boxfile = 'FROM ./lib/Boxfile#part\nCOPY own /\n';
	const files = {...library, Boxfile: boxfile};
	const context = place.context(files);
	const first = await place.digest(t, context);
	t.is(await place.digest(t, {...files, 'lib/c.log': 'ignored'}), first);
	writeFileSync(`${context}/lib/a`, 'changed');
	const changed = await place.built(t, context);
	t.notRegex(changed.stdout, new RegExp(first, 'v'));
	t.regex(changed.stderr, /\[lib\/Boxfile#part 1\/1\] COPY \. \/lib\/ done/v);
	writeFileSync(`${context}/lib/a`, 'a');
	const {stdout, stderr} = await place.built(t, context);
	t.true(stdout.includes(first));
	t.regex(stderr, /\[lib\/Boxfile#part 1\/1\] COPY \. \/lib\/ cached/v);
	writeFileSync(`${context}/lib/Boxfile`, library['lib/Boxfile'].replace('LIB=1', 'LIB=2'));
	t.not(await place.digest(t, context), first);
});

test.serial(
	'paths start in the directory of the Boxfile that names them, also in other Boxfiles and those outside the context',
	async (t) => {
		const directory = place.context({
			'app/Boxfile': 'FROM ../base/Boxfile AS base\nFROM scratch\nCOPY --from=base / /\n',
			'base/Boxfile': 'FROM ./root/Boxfile#x\nCOPY f /base\n',
			'base/f': '',
			'base/root/Boxfile': 'FROM dir:files AS x\nCOPY g /root\n',
			'base/root/g': '',
			'base/root/files/deep': '',
		});
		t.deepEqual(pathsOf(await listResult(t, place, `${directory}/app`)), ['base', 'deep', 'root']);
	},
);

when([busybox], 'steps of several Boxfiles run in one build, and one that both name runs once', async (t) => {
	const shared = 'FROM ../Boxfile#base\nRUN date +%N%s > /shared\n';
	const boxfile = 'FROM ./a/Boxfile AS a\nFROM base\nCOPY --from=a /shared /a\nCOPY --from=./a/Boxfile /shared /b\nRUN cmp /a /b\n';
	const {stderr} = await place.built(t, busyboxFiles(boxfile, {'a/Boxfile': shared}));
	t.is(stderr.match(/\] RUN date.* done/gv)?.length, 1, stderr);
	t.is(stderr.match(/--install.* (?:done|cached)/gv)?.length, 1, stderr);
});

test.serial('a Boxfile that cannot be read is an error at the place that names it', async (t) => {
	const said = async (reference: string): Promise<string> => {
		const {code, stderr} = await place.build({...library, Boxfile: `FROM scratch\nCOPY --from=${reference} / /\n`});
		t.is(code, 2);
		return stderr;
	};
	t.regex(await said('./lib/Boxfil#part'), /ENOENT[\s\S]*did you mean `\.\/lib\/Boxfile`/v);
	t.regex(await said('./lib#part'), /it is a directory[\s\S]*did you mean `\.\/lib\/Boxfile`/v);
	t.regex(await said('./lib/Boxfile#parts'), /Boxfile:2:13[\s\S]*did you mean `part`/v);
	t.regex(await said('./own'), /own:1:1/v);
	t.regex(await said('./own/x'), /stage\/boxfile-unreadable[\s\S]*ENOTDIR/v);
	t.regex(await said('tar:own/x'), /base\/unreadable[\s\S]*ENOTDIR/v);
	t.regex(await said(`dir:${'x'.repeat(300)}`), /base\/unreadable[\s\S]*ENAMETOOLONG/v);
});

test.serial('a cycle is an error with its chain, and check finds what is wrong in other Boxfiles', async (t) => {
	const files = {Boxfile: 'FROM ./lib/Boxfile#x AS a\n', 'lib/Boxfile': 'FROM ../Boxfile#a AS x\n'};
	const {code, stderr} = await place.build(files);
	t.is(code, 2);
	t.regex(stderr, /the chain is `Boxfile#a` -> `lib\/Boxfile#x` -> `Boxfile#a`/v);
	const context = place.context({
		Boxfile: 'FROM ./lib/Boxfile\nCOPY --from=./none/Boxfile /a /b\n',
		'lib/Boxfile': 'FROM scratch\nRNU x\n',
	});
	const checked = await place.boxbuild(['check', context]);
	t.is(checked.code, 2);
	t.regex(checked.stdout, /lib\/Boxfile:2:1[\s\S]*did you mean `RUN`/v);
	t.regex(checked.stdout, /`none\/Boxfile` cannot be read/v);
});

test.serial('a Boxfile that was received with its context sees no other file of this machine', async (t) => {
	const outside = place.context({Boxfile: 'FROM scratch AS x\nCOPY secret /\n', secret: 's', 'root/secret': 's'});
	const said = async (boxfile: string, more: Readonly<Record<string, string>> = {}): Promise<string> => {
		const directory = place.context({...library, Boxfile: boxfile, ...more});
		symlinkSync(outside, `${directory}/link`);
		const {code, stderr} = await place.build('-', [], {input: execFileSync('tar', ['-C', directory, '-cf', '-', '.'])});
		t.is(code, 2, boxfile);
		t.notRegex(stderr, /secret/v);
		return stderr;
	};
	t.regex(await said(`FROM ${outside}/Boxfile#x\n`), /outside the context, which was received/v);
	t.regex(await said('FROM ./link/Boxfile#x\n'), /cannot be read|outside the context/v);
	t.regex(await said('FROM ./../../../etc/hostname\n'), /outside the context, which was received/v);
	t.regex(await said(`FROM dir:${outside}/root\n`), /base\/outside-context/v);
	t.regex(await said('FROM dir:link/root\n'), /outside|link/v);
	t.regex(await said(`FROM ./lib/Boxfile#y\n`, {'lib/Boxfile': `FROM tar:../../../../${outside}/x.tar AS y\n`}), /base\/outside-context/v);
	t.regex(await said('FROM host AS h\nFROM scratch\nCOPY --from=h /etc/hostname /\n'), /base\/outside-context[\s\S]*Boxfile:1:1/v);
});

test.serial('a received Boxfile may start from other Boxfiles and bases of its context', async (t) => {
	const directory = place.context({...library, Boxfile: 'FROM ./lib/Boxfile#part\nCOPY --from=dir:root / /\n'});
	mkdirSync(`${directory}/root`);
	writeFileSync(`${directory}/root/f`, '');
	const input = execFileSync('tar', ['-C', directory, '-cf', '-', '.']);
	t.deepEqual(pathsOf(await listResult(t, place, '-', [], {input})), ['f', 'lib/', 'lib/a']);
});
