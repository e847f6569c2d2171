import test from 'ava';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {asNamespaceRoot} from '../support/namespace-root.ts';
import {debianProgram} from '../support/requirements.ts';
import {topFolder} from '../support/top.ts';
import {when} from '../support/when.ts';
import {boxbuildProgram, runProgram, Workplace, type Files} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const several: Files = busyboxFiles(
	`COPY data /data
RUN head -c 700000 /dev/urandom | md5sum > /dev/null; head -c 700000 /dev/zero > /zero && echo one > /one
RUN mkdir -p /d/e && ln /one /d/two && ln -s two /d/link && rm /data/x
FROM base AS other
RUN echo other > /other
FROM base
COPY --from=0 /d /d
COPY --from=other /other /other
`,
	{'data/x': 'x'.repeat(300_000), 'data/y': 'y'},
);

/** The step of `several` that is in no other image has to be the same as well. */
const reference = async (t: Parameters<Workplace['built']>[0], context: string): Promise<string> => {
	const own = new Workplace();
	try {
		return await own.digest(t, context);
	} finally {
		await own.remove();
	}
};

when(
	[busybox, debianProgram('unshare', 'util-linux')],
	'R2: a store on a full disk is an error, and good as soon as there is room',
	async (t) => {
		const context = place.context(several);
		const expected = await reference(t, context);
		// Both builds in one mount namespace, which takes the small file system with it. `$0` is where, `$1` how many bytes.
		const script = `where=$0; size=$1; shift; mkdir -p $where; mount -t tmpfs -o size=$size none $where || exit 99
"$@" > /dev/null; echo code $?; mount -o remount,size=400m none $where || exit 98; "$@"; echo code $?`;
		const failed: number[] = [];
		for (const size of [100_000, 400_000, 1_500_000, 2_300_000, 3_000_000, 4_200_000, 5_000_000, 6_000_000, 7_000_000]) {
			const store = place.fresh('small');
			const build = [process.execPath, boxbuildProgram, 'build', '--store', `${store}/store`, '--quiet', context];
			const {stdout, stderr} = await runProgram(['sh', '-c', script, store, String(size), ...build], {
				under: asNamespaceRoot('--mount-proc'),
			});
			const [, first = '', digest = '', second = ''] = /^code (\d+)\n(sha256:\w+)\ncode (\d+)\n$/v.exec(stdout) ?? [];
			t.is(digest, expected, `${size}: ${stdout}${stderr}`);
			t.is(second, '0');
			t.true(['0', '1', '2', '3', '4'].includes(first), `${size}: ${stderr}`);
			t.notRegex(stderr, /internal\//v, String(size));
			if (first !== '0') {
				failed.push(size);
				t.regex(stderr, /ENOSPC|no space|No space/v, String(size));
			}
		}
		t.true(failed.length >= 4, failed.join());
	},
);

when(busybox, 'R2: a build that is killed at any moment leaves a store that the next one can use', async (t) => {
	const context = place.context(several);
	const expected = await reference(t, context);
	const own = new Workplace();
	let killed = 0;
	for (const [number, delay] of [30, 45, 60, 75, 90, 105, 120, 140, 160, 190, 240, 320, 460, 700].entries()) {
		const {signal} = await own.build(context, [], {
			async started(child) {
				await setTimeout(delay);
				child.kill('SIGKILL');
			},
		});
		if (signal === 'SIGKILL') killed++;
		// Every other time what is there is built upon.
		if (number % 3 === 2) {
			t.is(await own.digest(t, context), expected, String(delay));
			t.is((await own.boxbuild(['prune', '--all'])).code, 0);
		}
	}
	t.true(killed > 3);
	t.is(await own.digest(t, context), expected);
	await own.remove();
});

when(busybox, 'X6: a step that prints without end or line ends does not fill the memory of the builder', async (t) => {
	const files = {Boxfile: 'FROM host AS a\nRUN head -c 200000000 /dev/zero | tr "\\0" x; mkdir /o\nFROM scratch\nCOPY --from=a /o /o\n'};
	let peak = 0;
	let printed = 0;
	const ended = await place.build(files, ['--progress', 'plain'], {
		longest: 120_000,
		started(child) {
			const timer = setInterval(() => {
				peak = Math.max(peak, residentOf(child.pid ?? 0));
			}, 50);
			child.once('exit', () => clearInterval(timer));
		},
		output: (text) => {
			printed += text.length;
		},
	});
	t.is(ended.code, 0, ended.stderr.slice(-2000));
	t.true(printed >= 200_000_000);
	t.true(peak > 0 && peak < 700_000_000, `${peak} bytes`);
});

/** Bytes of memory that a process has; 0 when it has ended. */
function residentOf(process: number): number {
	try {
		return Number(/^VmRSS:\s+(\d+) kB/mv.exec(readFileSync(`/proc/${process}/status`, 'utf8'))?.[1] ?? 0) * 1024;
	} catch {
		return 0;
	}
}

test.serial('R3: values of a Boxfile, of names and of the command line are never read by a shell of the builder', async (t) => {
	const mark = place.fresh('mark');
	const attempts = [
		`$(touch ${mark})`,
		`\`touch ${mark}\``,
		`; touch ${mark} #`,
		`" ; touch ${mark} ; "`,
		`' ; touch ${mark} ; '`,
		`|touch ${mark}`,
		`\n touch ${mark}\n`,
	];
	const narrow = [`$(touch\${IFS}${mark})`, `\`touch\${IFS}${mark}\``, `;touch\${IFS}${mark};`];
	for (const [index, text] of attempts.entries()) {
		const inLine = text.replaceAll('\n', ' ');
		const name = inLine.replaceAll('/', '_');
		const secret = place.fresh('secret');
		writeFileSync(secret, text);
		const boxfile = `FROM host AS a
ARG A
ENV B=${JSON.stringify(inLine)} PAGER=x
LABEL c=${JSON.stringify(inLine)}
WORKDIR ${JSON.stringify(`/w/${index}`)}
COPY ${JSON.stringify([name, '/w/'])}
RUN --mount=type=secret,id=s,env=S ["true"]
RUN ["true", ${JSON.stringify(inLine)}]
STOPSIGNAL 9
FROM scratch
COPY --from=a /w /w
`;
		const args = ['--build-arg', `A=${text}`, '--label', `d=${text}`, '--secret', `id=s,src=${secret}`, '--annotation', `e=${text}`];
		const {code, stderr} = await place.build({Boxfile: boxfile, [name]: 'x'}, args, {env: {BOXBUILD_X: text}});
		t.true(code === 0 || code === 2, stderr);
		t.false(existsSync(mark), text);
		for (const more of [
			['-t', text],
			['-f', text],
			['--target', text],
			['--platform', text],
			['--add-host', text],
			['--network', text],
			['-o', text],
			['--ssh', text],
			['--build-context', `x=${text}`],
			['--build-context', `${text}=.`],
		]) {
			const refused = await place.build({Boxfile: 'FROM scratch\nCOPY --from=x . /\n'}, more, {cwd: place.directory});
			t.not(refused.code, 70, `${more.join(' ')} ${refused.stderr}`);
			t.false(existsSync(mark), more.join(' '));
		}
	}
	for (const text of narrow) {
		const sources = [
			`git@127.0.0.1:${text}.git`,
			`ssh://git@127.0.0.1:1/${text}.git`,
			`http://127.0.0.1:1/${text}.git`,
			`http://127.0.0.1:1/x.git#${text}`,
			`http://127.0.0.1:1/x.git#main:${text}`,
			`http://127.0.0.1:1/${text}`,
			`ssh://${text}@127.0.0.1:1/x.git`,
		];
		for (const source of sources) {
			const {code, stderr} = await place.build({Boxfile: `FROM scratch\nADD ${JSON.stringify([source, '/r'])}\n`});
			t.not(code, 0, source);
			t.not(code, 70, stderr);
			t.false(existsSync(mark), source);
		}
	}
});

test('R3: no source file gives a text to a shell', (t) => {
	const source = join(topFolder(), 'src');
	const starts = /'node:child_process'|'execa'|spawn-process\.ts'/v;
	const shells = /\bexecSync\b|\bexec\(|\bshell:|\bexecaCommand|'(?:\/bin\/)?(?:ba)?sh'/v;
	const texts = readdirSync(source, {recursive: true, encoding: 'utf8'})
		.filter((name) => name.endsWith('.ts'))
		.map((name) => [name, readFileSync(join(source, name), 'utf8')] as const)
		.filter(([, text]) => starts.test(text));
	t.true(texts.length > 3);
	const found = texts.filter(([, text]) => shells.test(text)).map(([name]) => name);
	t.deepEqual(found, []);
});
