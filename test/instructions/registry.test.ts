import test from 'ava';
import {instructions} from '../../src/instructions/registry.ts';
import {codesOf, compileText} from '../support/compile-text.ts';

test('the registry is sorted and has each keyword once', (t) => {
	const names = instructions.map(({keyword}) => keyword);
	t.deepEqual(names, [...new Set(names)].toSorted());
	t.is(
		names.join(' '),
		'ADD ARG CHECK CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR',
	);
});

for (const {keyword, summary, flags} of instructions) {
	test(`${keyword} keeps the contract of instructions`, (t) => {
		t.regex(summary, /^[a-z].*[^.]$/v);
		t.is(new Set(flags.map(({name}) => name)).size, flags.length);
		const before = keyword === 'FROM' || keyword === 'ARG' ? '' : 'FROM scratch\n';
		t.true(codesOf(compileText(`${before}${keyword}\n`)).length > 0, 'arguments are asked for');
		t.true(codesOf(compileText(`FROM scratch\n${keyword} --no-such-flag x y\n`)).length > 0, 'unknown flags are refused');
	});
}
