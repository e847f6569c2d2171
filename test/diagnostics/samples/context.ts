import * as context from '../../../src/diagnostics/context.ts';
import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import {labelAt} from '../label-at.ts';

export const samples: readonly Diagnostic[] = [
	context.missingSource('src/mian.c', 'the build context', {suggestion: 'src/main.c'}),
	context.missingSource('app.log', 'the build context', {ignoredBy: labelAt('# logs\n*.log\n', '*.log')}),
	context.missingSource('key', 'the build context', {linkTarget: '../../key'}),
	context.sourceOutside(labelAt('COPY ../other /x', '../other'), '../other', 'other'),
	context.badPattern('[a-'),
	context.ignoreFileOutside('.boxignore'),
	context.ignoreFileUnreadable('.boxignore', 'it is not a regular file'),
	context.contextNotDirectory('app', 'there is no such file'),
	context.sourceUnreadable('secret.txt', 'EACCES'),
];
