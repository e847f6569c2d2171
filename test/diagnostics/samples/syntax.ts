import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as syntax from '../../../src/diagnostics/syntax.ts';
import {labelAt} from '../label-at.ts';

const file = '# escape=x\n# escape=`\nFORM scratch\nRUN a \\\n\nRUN ["a", 1]\nCMD [\'a\', "b"]\nCOPY <<EOF /x\n';

export const samples: readonly Diagnostic[] = [
	syntax.emptyFile({name: 'Boxfile', text: ''}),
	syntax.unknownInstruction(labelAt(file, 'FORM'), 'FORM', 'FROM'),
	syntax.unknownInstruction(labelAt(file, 'a \\'), 'A', undefined),
	syntax.unexpectedText(labelAt(file, '1]'), 'unexpected `1`'),
	syntax.unterminatedHeredoc(labelAt(file, 'COPY <<EOF /x'), 'EOF'),
	syntax.badEscapeDirective(labelAt(file, 'x'), 'x'),
	syntax.repeatedDirective(labelAt(file, '`'), 'escape'),
	syntax.blankContinuation(labelAt(file, '\nRUN [', 0)),
	syntax.mixedJson(labelAt(file, '["a", 1]')),
	syntax.almostJson(labelAt(file, '[\'a\', "b"]')),
	syntax.badIgnorePattern(labelAt('node_modules\n[a-\n', '[a-', undefined, '.boxignore'), 'a `[` is not closed or a range is backwards'),
];
