import test from 'ava';
import {stackedSteps, wantsDirectories} from '../../src/executor/stacked-steps.ts';
import {parseOutput} from '../../src/exporters/output-spec.ts';
import {planOf} from '../support/compile-text.ts';

/** Text of the copies whose layers have to be directories. */
function stacked(text: string): readonly string[] {
	const plan = planOf(text);
	const found = stackedSteps(plan);
	return plan.steps.filter(({id, op}) => op.kind === 'copy' && found.has(id)).map(({origin}) => origin.text);
}

test('a copy that only settings follow needs no directory', (t) => {
	t.deepEqual(stacked('FROM scratch\nCOPY a /a\nENV A=1\nCMD ["/a"]\nLABEL b=c\n'), []);
});

test('what a command runs on is a stack of directories, also through stages', (t) => {
	t.deepEqual(stacked('FROM scratch\nCOPY a /a\nRUN ["/a"]\nCOPY b /b\n'), ['COPY a /a']);
	t.deepEqual(stacked('FROM scratch AS one\nCOPY a /a\nFROM one AS two\nCOPY b /b\nFROM two\nRUN ["/a"]\n'), ['COPY a /a', 'COPY b /b']);
	t.deepEqual(stacked('FROM scratch\nCOPY a /a\nWORKDIR /w\n'), ['COPY a /a']);
});

test('a copy looks its destination up below, unless it is linked and owned by a number', (t) => {
	t.deepEqual(stacked('FROM scratch\nCOPY a /a\nCOPY b /b\n'), ['COPY a /a']);
	t.deepEqual(stacked('FROM scratch\nCOPY a /a\nCOPY --link b /b\n'), []);
	t.deepEqual(stacked('FROM scratch\nCOPY a /a\nCOPY --link --chown=1:2 b /b\n'), []);
	t.deepEqual(stacked('FROM scratch\nCOPY a /a\nCOPY --link --chown=user b /b\n'), ['COPY a /a']);
});

test('files are copied and mounted from directories', (t) => {
	t.deepEqual(stacked('FROM scratch AS one\nCOPY a /a\nFROM scratch\nCOPY --from=one /a /b\n'), ['COPY a /a']);
	const mounted = 'FROM scratch AS one\nCOPY a /a\nFROM scratch\nRUN --mount=type=bind,from=one,target=/m ["/m/a"]\n';
	t.deepEqual(stacked(mounted), ['COPY a /a']);
});

test('budgets compare indexes', (t) => {
	t.deepEqual(stacked('FROM scratch\nCOPY a /a\nCHECK --max-size=1MB\n'), []);
});

test('outputs of files, and lists of packages, want directories', (t) => {
	const wants = (text: string): boolean =>
		wantsDirectories({outputs: [parseOutput(text).value].filter((spec) => spec !== undefined), attestations: {}});
	t.true(wants('type=tar,dest=x'));
	t.true(wants('directory'));
	t.false(wants('type=oci,dest=x'));
	t.false(wants('type=docker,dest=x'));
	t.false(wantsDirectories({outputs: [], attestations: {}}));
});
