import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as instruction from '../../../src/diagnostics/instruction.ts';
import {labelAt} from '../label-at.ts';

const file = [
	'COPY --form=build --chmod=0999 --chmod=0644 a',
	'RUN --mount=type=cache,target=/x make',
	'FROM a b c',
	'ENV A=1 B',
	'ADD https://example.com/x /x',
	'EXPOSE 99999',
	'MAINTAINER Me <me@example.com>',
	'ONBUILD FROM x',
	'RUN --network= x',
].join('\n');

export const samples: readonly Diagnostic[] = [
	instruction.missingArgument(labelAt(file, 'COPY'), 'COPY', 'a destination behind the source'),
	instruction.tooManyArguments(labelAt(file, 'b c'), 'FROM', 'a base and `AS NAME`'),
	instruction.unknownFlag(labelAt(file, '--form'), {name: 'form', keyword: 'COPY', suggestion: 'from', known: ['from', 'chown']}),
	instruction.unknownFlag(labelAt(file, '--form'), {name: 'form', keyword: 'USER', suggestion: undefined, known: []}),
	instruction.repeatedFlag(labelAt(file, '--chmod=0644'), 'chmod', labelAt(file, '--chmod=0999')),
	instruction.badFlagValue(labelAt(file, '0999'), {name: 'chmod', value: '0999', expected: 'octal digits such as `0755`'}),
	instruction.badFlagValue(labelAt(file, '--network='), {name: 'network', value: '', expected: 'given'}),
	instruction.unsupportedFlag(labelAt(file, '--mount=type=cache,target=/x'), '--mount', 'RUN'),
	instruction.insecureNotAllowed(labelAt(file, '--mount=type=cache,target=/x')),
	instruction.unsupportedForm(labelAt(file, 'https://example.com/x'), 'ADD of a URL', 'download it in a RUN'),
	instruction.badValue(labelAt(file, '99999'), {
		message: '`99999` is no port',
		because: 'numbers go from 1 to 65535',
		help: 'write `9999`',
	}),
	instruction.missingEquals(labelAt(file, 'B\n', 1), 'ENV', 'B'),
	instruction.deprecatedMaintainer(labelAt(file, 'MAINTAINER'), 'Me <me@example.com>'),
	instruction.notAllowedHere(labelAt(file, 'FROM x'), 'FROM', 'ONBUILD cannot keep FROM, MAINTAINER, ONBUILD'),
];
