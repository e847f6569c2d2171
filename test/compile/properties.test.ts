import * as fc from 'fast-check';
import test from 'ava';
import {renderJson} from '../../src/diagnostics/render-json.ts';
import {renderText} from '../../src/diagnostics/render-text.ts';
import {keywords} from '../../src/instructions/registry.ts';
import {codesOf, compileText} from '../support/compile-text.ts';

const piece = fc.oneof(
	fc.constantFrom(...keywords.map(({keyword}) => keyword)),
	fc.constantFrom(
		'\n',
		'\r\n',
		' ',
		'\\\n',
		'\\',
		'`',
		'"',
		"'",
		'[',
		']',
		',',
		'$',
		'${',
		'}',
		':-',
		'<<EOF',
		'EOF',
		'<<-"A"',
		'#',
		'=',
		'--',
		'--from=',
		'--x=y',
	),
	fc.constantFrom(
		'FROM scratch\n',
		'FROM scratch AS a\n',
		'["a", "b"]',
		'\n# escape=`\n',
		'\uFEFF',
		'日本',
		'😀',
		'\u2028',
		'\0',
		'\u00A0',
		'__proto__',
		'constructor=1',
	),
	fc.string({maxLength: 8}),
);

test('no text makes compile or the renderers throw', (t) => {
	const property = fc.property(fc.array(piece, {maxLength: 60}), (pieces) => {
		const {value, diagnostics} = compileText(pieces.join(''));
		renderText(diagnostics);
		renderJson(diagnostics);
		return value !== undefined || diagnostics.some(({severity}) => severity === 'error');
	});
	t.notThrows(() => fc.assert(property, {numRuns: 1500}));
});

test('every span lies inside its text', (t) => {
	const property = fc.property(fc.array(piece, {maxLength: 60}), (pieces) =>
		compileText(`FROM scratch\n${pieces.join('')}`).diagnostics.every(({primary}) => {
			if (primary === undefined) return true;
			const {start, end} = primary.span;
			return start >= 0 && start <= end && end <= primary.source.text.length;
		}),
	);
	t.notThrows(() => fc.assert(property, {numRuns: 700}));
});

test('a step depends only on steps before it', (t) => {
	const line = fc.constantFrom(
		'FROM scratch',
		'FROM host',
		'RUN x',
		'COPY --from=0 /a /b',
		'COPY --from=1 /a /b',
		'ENV A=1',
		'WORKDIR x',
		'COPY a /',
	);
	const property = fc.property(fc.array(line, {maxLength: 12}), (lines) => {
		const plan = compileText(['FROM scratch', ...lines].join('\n')).value?.plan;
		return (plan?.steps ?? []).every(({id, parent, op}, index) => {
			const other =
				op.kind === 'copy' && op.from.kind === 'step' ? op.from.step : op.kind === 'base' && op.base.kind === 'step' ? op.base.step : -1;
			return id === index && (parent ?? -1) < id && other < id;
		});
	});
	t.notThrows(() => fc.assert(property, {numRuns: 500}));
});

test('a file of several megabytes is read in time', (t) => {
	const text = `FROM scratch\n${'ENV A=1 B="two words" C=$A\n'.repeat(20_000)}`;
	t.deepEqual(codesOf(compileText(text)), []);
});

test('a long line of ONBUILDs is a problem of that line, not of the stack', (t) => {
	t.deepEqual(codesOf(compileText(`FROM scratch\n${'ONBUILD '.repeat(10_000)}RUN x\n`)), ['instruction/not-allowed-here']);
});

test('problems on line 3 and on line 9 are both reported', (t) => {
	const {diagnostics} = compileText('FROM scratch\n\nENV A=1 B\nRUN a\nRUN b\nRUN c\nRUN d\nRUN e\nEXPOSE x\n');
	t.deepEqual(
		diagnostics.map(({primary}) => primary?.source.text.slice(0, primary.span.start).split('\n').length),
		[3, 9],
	);
});
