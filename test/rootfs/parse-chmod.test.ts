import test from 'ava';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {parseChmod} from '../../src/rootfs/parse-chmod.ts';

const cases: readonly (readonly [text: string, before: number, isDirectory: boolean, after: number])[] = [
	['755', 0o600, false, 0o755],
	['0', 0o600, false, 0],
	['04755', 0, false, 0o4755],
	['u+x', 0o644, false, 0o744],
	['+x', 0o644, false, 0o755],
	['a+rX', 0o600, false, 0o644],
	['a+rX', 0o700, false, 0o755],
	['a+rX', 0o600, true, 0o755],
	['go=rX', 0o777, true, 0o755],
	['u=rw,go=r', 0o777, false, 0o644],
	['go=', 0o777, false, 0o700],
	['g=u', 0o750, false, 0o770],
	['u+s,g+s,+t', 0o755, false, 0o7755],
	['ug-s', 0o6755, false, 0o755],
	['u=rwx', 0o4755, false, 0o755],
	['u=rwx', 0o4755, true, 0o4755],
	['u+r-w', 0o200, false, 0o400],
];

for (const [text, before, isDirectory, after] of cases) {
	test(`--chmod=${text} makes ${before.toString(8)} ${after.toString(8)}${isDirectory ? ' for a directory' : ''}`, (t) => {
		t.is(parseChmod(text)(before, isDirectory).toString(8), after.toString(8));
	});
}

for (const text of ['', '8', '77777', 'rwx', 'u+q', 'u', 'u+x,', '+x;rm', '0o755', '-755']) {
	test(`\`${text}\` is no mode`, (t) => void t.throws(() => parseChmod(text), {instanceOf: BuildError}));
}
