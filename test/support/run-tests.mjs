// What `npm test` runs: bundle, compile, run all tests, sum up. `npm test -- PATTERN...` runs the test files whose path contains one of the patterns;
// `--built` among them takes what the last run bundled and compiled.
import {spawn, spawnSync} from 'node:child_process';
import {readdirSync, rmSync} from 'node:fs';
import {createInterface} from 'node:readline';

const top = new URL('../../', import.meta.url).pathname;
const bin = (name) => `${top}node_modules/.bin/${name}`;
const patterns = process.argv.slice(2).filter((argument) => argument !== '--built');
const isBuilt = process.argv.includes('--built');
const found = {passed: 0, failures: [], skipped: []};

const setup = isBuilt ? undefined : runSetup();
if (setup !== undefined) finish(1, `${setup} fails`);
const files = readdirSync(`${top}.build/js/test`, {recursive: true})
	.filter((path) => path.endsWith('.test.js') && (patterns.length === 0 || patterns.some((pattern) => path.includes(pattern))))
	.map((path) => `.build/js/test/${path}`)
	.sort();
if (files.length === 0) finish(1, `no test file's path contains ${patterns.join(' or ')}`);
const code = await runAva(patterns.length === 0 ? [] : files);
showSkipped();
const disallowed = process.env.CI === 'true' ? found.skipped.filter((title) => !title.includes('[never here: ')) : [];
if (disallowed.length > 0) finish(1, 'with CI=true everything that can be installed must be there');
if (found.passed + found.failures.length === 0) finish(1, 'no test ran');
finish(code);

/** Bundles and compiles; returns the command that fails. */
function runSetup() {
	rmSync(`${top}.build/js`, {recursive: true, force: true});
	for (const [name, ...args] of [
		[process.execPath, `${top}test/support/build.mjs`],
		[bin('tsc'), '--project', 'tsconfig.json'],
	]) {
		const {status} = spawnSync(name, args, {cwd: top, stdio: 'inherit'});
		if (status !== 0) return [name, ...args].join(' ');
	}
	return undefined;
}

// ava's TAP reporter crashes on a timeout, hence the long one: programs that tests start have limits of their own (workplace.ts).
async function runAva(only) {
	const env = {...process.env};
	// It costs 35 ms at every start of Node 20.
	delete env.NODE_EXTRA_CA_CERTS;
	const ava = spawn(bin('ava'), ['--tap', '--serial', '--concurrency', '2', '--timeout', '30m', ...only], {
		cwd: top,
		env,
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const ended = new Promise((resolve) => {
		ava.once('close', (status) => resolve(status ?? 1));
	});
	let failure;
	for await (const line of createInterface({input: ava.stdout})) {
		const [, not, title = ''] = /^(not )?ok \d+ - (.*)$/v.exec(line) ?? [];
		if (/^(?:not )?ok /v.test(line)) failure = undefined;
		if (title.endsWith(' # SKIP')) found.skipped.push(title.slice(0, -' # SKIP'.length));
		else if (not !== undefined) {
			failure = [title];
			found.failures.push(failure);
		} else if (line.startsWith('ok ')) found.passed++;
		else if (failure !== undefined && line.startsWith('  ')) failure.push(line);
		if (/^(?:not )?ok /v.test(line) && !title.endsWith(' # SKIP')) console.log(line);
	}
	return ended;
}

function showSkipped() {
	if (found.skipped.length === 0) return;
	console.log('\nSkipped:');
	for (const title of found.skipped) {
		const [, name, why] = /^(.*) \[(?:skipped|never here): (.*)\]$/v.exec(title) ?? ['', title, 'no reason given'];
		console.log(`  ${name}\n    ${why}`);
	}
}

function finish(status, problem) {
	if (found.failures.length > 0) console.log(`\nFailed:\n${found.failures.map((lines) => `  ${lines.join('\n  ')}`).join('\n')}`);
	// ava fails without a failed test, too: a file that crashes or never ends.
	if (problem !== undefined) console.log(`\n${problem}`);
	else if (status !== 0 && found.failures.length === 0) console.log(`\nava ended with exit code ${status}`);
	const failed = Math.max(found.failures.length, status === 0 ? 0 : 1);
	console.log(`\n${found.passed} passed, ${failed} failed, ${found.skipped.length} skipped`);
	process.exit(failed === 0 ? 0 : 1);
}
