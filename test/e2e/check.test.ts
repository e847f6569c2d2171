import test from 'ava';
import {existsSync} from 'node:fs';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const careless = 'FROM busybox\nCMD run\n';
const wrong = `# check=skip=JSONArgsRecommended\n${careless}RUNN x\nCOPY --from=nothing-here /a /b\n`;

async function check(text: string, ...args: readonly string[]): Promise<{readonly code: number | null; readonly stdout: string}> {
	return place.boxbuild(['check', '-f', '-', ...args, place.context({})], {input: text});
}

test('warnings are shown on standard output, and the exit code is 0', async (t) => {
	const {code, stdout} = await check(careless);
	t.is(code, 0);
	t.regex(stdout, /^warning\[lint\/unpinned-base\][\s\S]+^warning\[lint\/json-args\]/mv);
});

test('a clean file says nothing', async (t) => {
	t.like(await check('FROM busybox:1.37\n'), {code: 0, stdout: ''});
});

test('errors give exit code 2, the lint rules still speak, and the directive leaves one out', async (t) => {
	const {code, stdout} = await check(wrong);
	t.is(code, 2);
	t.regex(stdout, /warning\[lint\/unpinned-base\]/v);
	t.regex(stdout, /error\[syntax\/unknown-instruction\]/v);
	t.notRegex(stdout, /json-args/v);
});

test('error=true makes warnings errors', async (t) => {
	t.is((await check(`# check=error=true\n${careless}`)).code, 2);
	t.is((await check(`# check=skip=all;error=true\n${careless}`)).code, 0);
});

test('--format=json has the names of the language server protocol', async (t) => {
	const {stdout} = await check(careless, '--format', 'json');
	const found = JSON.parse(stdout) as readonly {readonly code: string; readonly range: unknown}[];
	t.deepEqual(
		found.map(({code}) => code),
		['lint/unpinned-base', 'lint/json-args'],
	);
	t.deepEqual(found[0]?.range, {start: {line: 0, character: 5}, end: {line: 0, character: 12}});
});

test('--format=sarif is a SARIF 2.1.0 log', async (t) => {
	const {code, stdout} = await check(wrong, '--format', 'sarif');
	t.is(code, 2);
	const log = JSON.parse(stdout) as {
		readonly version: string;
		readonly runs: readonly {
			readonly tool: {readonly driver: {readonly rules: readonly {readonly id: string}[]}};
			readonly results: readonly {readonly ruleId: string; readonly ruleIndex: number; readonly level: string}[];
		}[];
	};
	t.is(log.version, '2.1.0');
	const [run] = log.runs;
	t.deepEqual(
		run?.results.map(({ruleId, level}) => [ruleId, level]),
		[
			['lint/unpinned-base', 'warning'],
			['syntax/unknown-instruction', 'error'],
		],
	);
	for (const {ruleId, ruleIndex} of run?.results ?? []) t.is(run?.tool.driver.rules[ruleIndex]?.id, ruleId);
});

test('the ignore file of the context takes part', async (t) => {
	const directory = place.context({Boxfile: 'FROM scratch\nCOPY dist /dist\n', '.boxignore': 'dist\n', 'dist/a': ''});
	const {stdout} = await place.boxbuild(['check', directory]);
	t.regex(stdout, /lint\/copy-ignored-file[\s\S]+\.boxignore:1:1/v);
});

test('check makes no store', async (t) => {
	const other = new Workplace();
	t.teardown(() => other.remove());
	await other.boxbuild(['check', other.context({Boxfile: careless})]);
	t.false(existsSync(other.store));
});
