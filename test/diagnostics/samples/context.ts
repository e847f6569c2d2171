import * as context from '../../../src/diagnostics/context.ts';
import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';

export const samples: readonly Diagnostic[] = [
	context.missingSource('src/mian.c', 'the build context', {suggestion: 'src/main.c'}),
	context.missingSource('app.log', 'the build context', {ignoredBy: 'the rule `*.log` in line 1 of .boxignore'}),
	context.missingSource('key', 'the build context', {linkTarget: '../../key'}),
	context.sourceOutside('../other', 'the build context'),
	context.badPattern('[a-'),
	context.ignoreFileOutside('.boxignore'),
	context.ignoreFileUnreadable('.boxignore', 'it is not a regular file'),
	context.contextNotDirectory('app', 'there is no such file'),
	context.sourceUnreadable('secret.txt', 'EACCES'),
];
