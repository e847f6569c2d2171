import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as lint from '../../../src/diagnostics/lint.ts';
import {labelAt} from '../label-at.ts';

const file = [
	'# check=skip=JsonArgs',
	'# a comment',
	'FROM --platform=$TARGETPLATFORM node as Build',
	'FROM --platform=linux/amd64 busybox:$TAG',
	'Env API_TOKEN one two',
	'COPY . /$srcc',
	'workdir app',
	'RUN apt-get install git; cd x',
	'CMD run',
	'EXPOSE 127.0.0.1:80:80/TCP',
	'ARG UNUSED',
].join('\n');
const ignore = labelAt('secret\n', 'secret', undefined, '.dockerignore');

export const samples: readonly Diagnostic[] = [
	lint.badCheckDirective(labelAt(file, 'JsonArgs'), 'JsonArgs', 'JSONArgsRecommended'),
	lint.badCheckDirective(labelAt(file, 'skip'), 'skipp', undefined),
	lint.stageNameCasing(labelAt(file, 'Build'), 'Build'),
	lint.fromAsCasing(labelAt(file, 'as Build', 2), {from: 'FROM', as: 'as'}),
	lint.instructionCasing(labelAt(file, 'workdir'), 'workdir', {lower: 1, upper: 8}),
	lint.reservedStageName(labelAt(file, 'Build'), 'context'),
	lint.shellFormCommand(labelAt(file, 'run'), 'CMD'),
	lint.undefinedArgInFrom(labelAt(file, '$TAG'), 'TAG', undefined),
	lint.undefinedArgInFrom(labelAt(file, '$TARGETPLATFORM'), 'TARGETPLATFROM', 'TARGETPLATFORM'),
	lint.invalidDefaultInFrom(labelAt(file, 'busybox:$TAG'), 'busybox:'),
	lint.undefinedVariable(labelAt(file, '$srcc'), 'srcc', {suggestion: 'src', base: undefined}),
	lint.undefinedVariable(labelAt(file, '$srcc'), 'srcc', {suggestion: undefined, base: 'busybox:1'}),
	lint.relativeWorkdir(labelAt(file, 'app'), 'app'),
	lint.repeatedInstruction(labelAt(file, 'CMD'), 'CMD', labelAt(file, 'CMD run', 3)),
	lint.legacyKeyValue(labelAt(file, 'API_TOKEN'), 'ENV', {name: 'API_TOKEN', value: 'one two'}),
	lint.redundantTargetPlatform(labelAt(file, '$TARGETPLATFORM')),
	lint.basePlatform(labelAt(file, 'linux/amd64'), 'busybox:1.37', {
		found: {os: 'linux', architecture: 'arm64'},
		wanted: {os: 'linux', architecture: 'amd64'},
	}),
	lint.constantPlatform(labelAt(file, 'linux/amd64'), 'linux/amd64'),
	lint.secretInArgOrEnv(labelAt(file, 'API_TOKEN'), 'ENV', 'API_TOKEN'),
	lint.copyIgnoredFile(labelAt(file, '. /$srcc', 1), 'secret', ignore),
	lint.definitionDescription(labelAt(file, '# a comment'), 'Build'),
	lint.exposeProtocolCasing(labelAt(file, '127.0.0.1:80:80/TCP'), '80/TCP'),
	lint.exposeHostPart(labelAt(file, '127.0.0.1:80:80/TCP'), '127.0.0.1:80:80/TCP'),
	lint.unpinnedBase(labelAt(file, 'node'), 'node'),
	lint.unpinnedBase(labelAt(file, 'node'), 'node:latest'),
	lint.aptUpdateApart(labelAt(file, 'apt-get install')),
	lint.packageCache(labelAt(file, 'apt-get install'), 'apt-get', 'add `&& rm -rf /var/lib/apt/lists/*` to the step'),
	lint.copyBeforeInstall(labelAt(file, '. /$srcc', 1), labelAt(file, 'apt-get install git')),
	lint.unusedArg(labelAt(file, 'UNUSED'), 'UNUSED'),
	lint.unusedStage(labelAt(file, 'FROM')),
	lint.loneCd(labelAt(file, 'cd x')),
	lint.shellSyntax(labelAt(file, 'cd x'), "expected 'fi' to close 'if'"),
];
