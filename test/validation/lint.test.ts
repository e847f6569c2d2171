import * as fc from 'fast-check';
import test from 'ava';
import {check, type CheckOptions} from '../../src/compile/check.ts';
import {renderSarif} from '../../src/diagnostics/render-sarif.ts';
import {lintRules} from '../../src/validation/rules/registry.ts';

const options: CheckOptions = {buildArgs: {}, labels: {}, platform: {os: 'linux', architecture: 'amd64'}, bases: new Map()};
const found = (text: string, more: Partial<CheckOptions> = {}) => check({name: 'Boxfile', text}, {...options, ...more});
const codes = (text: string, more: Partial<CheckOptions> = {}): readonly string[] => found(text, more).map(({code}) => code);
const careless = 'FROM busybox\nCMD run\n';

test('the directive takes our names and those of BuildKit', (t) => {
	t.deepEqual(codes(`# check=skip=json-args\n${careless}`), ['lint/unpinned-base']);
	t.deepEqual(codes(`# check=skip=JSONArgsRecommended, unpinned-base\n${careless}`), []);
	t.deepEqual(codes(`# check=skip=all\n${careless}`), []);
	t.deepEqual(codes('# check=skip=MaintainerDeprecated\nFROM scratch\nMAINTAINER me\n'), []);
});

test('a directive that says nothing is a finding at its word', (t) => {
	const text = `# check=skip=all,JsonArgsRecomended;loud=true\n${careless}`;
	const places = found(text).map(({primary}) => text.slice(primary?.span.start, primary?.span.end));
	t.deepEqual(places, ['JsonArgsRecomended', 'loud=true']);
});

test('no directive hides an error', (t) => {
	t.deepEqual(codes('# check=skip=all\nFROM scratch AS a\nFROM scratch AS A\nFROM scratch AS 1\n'), ['stage/bad-name']);
});

test('the environment of a known base counts, that of an unknown one is said to be unknown', (t) => {
	const text = 'FROM node:24\nCOPY a $NODE_HOME/\n';
	t.deepEqual(found(text).find(({code}) => code === 'lint/undefined-variable')?.because, [
		'the environment of the base `node:24` is not known here',
	]);
	const node = {architecture: 'amd64', os: 'linux', config: {Env: ['NODE_HOME=/n']}, rootfs: {type: 'layers', diff_ids: []}} as const;
	t.deepEqual(codes(text, {bases: new Map([['node:24', node]])}), []);
});

test('names are unique, also among those of BuildKit', (t) => {
	const names = lintRules.flatMap(({name, buildkit}) => [name, buildkit ?? name]);
	t.is(new Set(names).size, lintRules.length + lintRules.filter(({buildkit}) => buildkit !== undefined).length);
});

test('no text makes a rule throw, and every place lies in the text', (t) => {
	const line = fc.constantFrom(
		'FROM scratch',
		'from busybox AS Context',
		'FROM --platform=$X a:$Y as b',
		'ARG A=1 B=$C',
		'ENV A b$c',
		'ENV SECRET=1',
		'RUN cd',
		'RUN',
		'RUN <<E',
		'E',
		'RUN apt-get install \\',
		'  x && cd "',
		'COPY . .',
		'COPY $a <<E /',
		'RUN npm ci',
		'CMD [',
		'CMD x',
		'EXPOSE a:1/TCP $p/${q}',
		'ONBUILD RUN cd x',
		'# A',
		'',
		'WORKDIR $',
		'WORKDIR ${a',
		'HEALTHCHECK NONE',
		"RUN 'a",
		'RUN ["cd", "x"]',
		'LABEL',
		'\\',
		'USER ${日}',
		'COPY --from=0 a b',
	);
	const property = fc.property(fc.array(line, {maxLength: 14}), fc.constantFrom('\n', '\r\n', '\\\n'), (lines, end) => {
		const text = lines.join(end);
		const all = found(text);
		renderSarif(all);
		return all.every(({primary}) => primary === undefined || (primary.span.start <= primary.span.end && primary.span.end <= text.length));
	});
	t.notThrows(() => fc.assert(property, {numRuns: 1500}));
});
