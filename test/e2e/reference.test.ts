import test from 'ava';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {instructions} from '../../src/instructions/registry.ts';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {startLoopbackServer} from '../support/loopback-server.ts';
import {debianProgram} from '../support/requirements.ts';
import {makeTar, member} from '../support/make-tar.ts';
import {topFolder} from '../support/top.ts';
import {when} from '../support/when.ts';
import {Workplace, writeFiles} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const reference = readFileSync(join(topFolder(), 'grammar/README.md'), 'utf8');
const examples = [...reference.matchAll(/^### (?<title>.*)$(?<text>(?:\n(?!#{2,3} ).*)*)/gmv)].flatMap(({groups}) =>
	[...(groups?.['text'] ?? '').matchAll(/^```boxfile\n(?<boxfile>.*?)^```$/gmsv)].map((found, index) => ({
		title: `${groups?.['title'] ?? ''}, example ${index + 1}`,
		boxfile: found.groups?.['boxfile'] ?? '',
	})),
);

/** The context that the reference describes. */
function contextOf(boxfile: string): string {
	return place.context({
		Boxfile: boxfile,
		'app.sh': '#!/bin/sh\necho app 1\n',
		'config/app.conf': 'app\n',
		'config/debug.conf': 'debug\n',
		'docs/a.md': 'a\n',
		'docs/deep/b.md': 'b\n',
		'files.tar.gz': execFileSync('gzip', ['-nc'], {input: makeTar([member('file', 'one', '1'), member('file', 'two', '2')])}),
		'lib/Boxfile': 'FROM busybox:1.37 AS tools\nRUN echo tool > /tool\nFROM scratch AS data\nCOPY data /data\n',
		'lib/data': 'data\n',
	});
}

/** A web server with the files and the repository that the examples name. */
async function exampleOrg(): Promise<Awaited<ReturnType<typeof startLoopbackServer>>> {
	const directory = place.fresh('web');
	writeFiles(directory, {'file.txt': 'file\n', 'abc.txt': 'abc', 'work/docs/index.md': 'index\n'});
	const git = (...args: readonly string[]): void => {
		const settings = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@localhost', '-c', 'init.defaultBranch=main'];
		execFileSync('git', [...settings, ...args], {cwd: `${directory}/work`, stdio: 'ignore'});
	};
	git('init', '--quiet');
	git('add', '.');
	git('commit', '--quiet', '-m', 'one');
	git('clone', '--quiet', '--bare', '.', `${directory}/project.git`);
	git('--git-dir', `${directory}/project.git`, 'update-server-info');
	return startLoopbackServer((request, response) => {
		try {
			response.end(readFileSync(`${directory}${new URL(request.url ?? '/', 'http://localhost').pathname}`));
		} catch {
			response.statusCode = 404;
			response.end();
		}
	});
}

test('every instruction has an example', (t) => {
	const keywords = new Set(examples.flatMap(({boxfile}) => [...boxfile.matchAll(/^[A-Z]+/gmv)].map(([word]) => word)));
	t.deepEqual(
		instructions.map(({keyword}) => keyword).filter((keyword) => !keywords.has(keyword)),
		[],
	);
});

for (const {title, boxfile} of examples) {
	const needs = /example\.org/v.test(boxfile) ? [busybox, debianProgram('git')] : [busybox];
	when(needs, `the reference's ${title} builds`, async (t) => {
		await place.built(t, busyboxFiles(''), ['-t', 'busybox:1.37']);
		const server = /example\.org/v.test(boxfile) ? await exampleOrg() : undefined;
		try {
			await place.built(t, contextOf(boxfile.replaceAll('https://example.org', server?.url ?? '')));
			t.pass();
		} finally {
			server?.close();
		}
	});
}
