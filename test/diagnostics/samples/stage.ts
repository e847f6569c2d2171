import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as stage from '../../../src/diagnostics/stage.ts';
import {labelAt} from '../label-at.ts';

const file = [
	'RUN early',
	'FROM scratch AS build',
	'FROM --platform=vax alpine AS Build',
	'FROM UPPER/x AS 1st',
	'FROM x AS host',
	'COPY --from=biuld /out/app /usr/bin/app',
	'COPY --from=last /a /b',
	'COPY --from=self /a /b',
	'FROM scratch AS last',
	'FROM ./lib/Boxfile#biuld',
	'COPY --from=./Boxfile#app /a /b',
].join('\n');

export const samples: readonly Diagnostic[] = [
	stage.noFrom(labelAt(file, 'RUN'), 'RUN'),
	stage.undefinedStage(labelAt(file, 'biuld'), 'biuld', {above: ['build', 'test'], suggestion: 'build'}),
	stage.undefinedStage(labelAt(file, 'biuld'), 'biuld', {above: []}),
	stage.laterStage(labelAt(file, 'last'), 'last', labelAt(file, 'last', 4)),
	stage.missingBoxfileStage(labelAt(file, './lib/Boxfile#biuld'), {
		file: 'lib/Boxfile',
		stage: 'biuld',
		names: ['build', 'test'],
		suggestion: 'build',
	}),
	stage.missingBoxfileStage(labelAt(file, './lib/Boxfile#biuld'), {file: 'lib/Boxfile', stage: 'biuld', names: [], suggestion: undefined}),
	{
		primary: labelAt(file, './lib/Boxfile#biuld'),
		...stage.boxfileUnreadable('lib/Boxfile', 'reading it ended with ENOENT', './lib/Boxfil'),
	},
	{primary: labelAt(file, './lib/Boxfile#biuld'), ...stage.boxfileUnreadable('lib', 'it is a directory')},
	stage.circularBoxfiles([
		{label: labelAt(file, './lib/Boxfile#biuld'), from: 'Boxfile#app', to: 'lib/Boxfile#biuld'},
		{label: labelAt(file, './Boxfile#app'), from: 'lib/Boxfile#biuld', to: 'Boxfile#app'},
	]),
	stage.circularStage(labelAt(file, 'self'), 'self'),
	stage.duplicateStage(labelAt(file, 'Build'), 'Build', labelAt(file, 'build')),
	stage.badStageName(labelAt(file, '1st'), '1st'),
	stage.shadowedName(labelAt(file, 'host'), 'host'),
	stage.badBase(labelAt(file, 'UPPER/x'), 'UPPER/x', '`UPPER` has upper-case letters'),
	stage.badPlatform(labelAt(file, 'vax'), 'vax'),
	stage.unknownTarget('biuld', {stages: ['build', 'last'], suggestion: 'build'}),
	stage.unknownTarget('x', {stages: [], suggestion: undefined}),
];
