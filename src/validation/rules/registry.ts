import {aptUpdateApart} from './apt-update-apart.ts';
import {basePlatform} from './base-platform.ts';
import {consistentInstructionCasing} from './consistent-instruction-casing.ts';
import {constantPlatform} from './constant-platform.ts';
import {copyBeforeInstall} from './copy-before-install.ts';
import {copyIgnoredFile} from './copy-ignored-file.ts';
import {definitionDescription} from './definition-description.ts';
import {duplicateStageName} from './duplicate-stage-name.ts';
import {exposeHostPart} from './expose-host-part.ts';
import {exposeProtocolCasing} from './expose-protocol-casing.ts';
import {fromAsCasing} from './from-as-casing.ts';
import {invalidDefaultInFrom} from './invalid-default-in-from.ts';
import {jsonArgs} from './json-args.ts';
import {legacyKeyValue} from './legacy-key-value.ts';
import {loneCd} from './lone-cd.ts';
import {maintainerDeprecated} from './maintainer-deprecated.ts';
import {noEmptyContinuation} from './no-empty-continuation.ts';
import {packageCache} from './package-cache.ts';
import {redundantTargetPlatform} from './redundant-target-platform.ts';
import {relativeWorkdir} from './relative-workdir.ts';
import {repeatedInstruction} from './repeated-instruction.ts';
import {reservedStageName} from './reserved-stage-name.ts';
import {secretInArgOrEnv} from './secret-in-arg-or-env.ts';
import {shellSyntax} from './shell-syntax.ts';
import {stageNameCasing} from './stage-name-casing.ts';
import {undefinedArgInFrom} from './undefined-arg-in-from.ts';
import {undefinedVariable} from './undefined-variable.ts';
import {unpinnedBase} from './unpinned-base.ts';
import {unusedArg} from './unused-arg.ts';
import {unusedStage} from './unused-stage.ts';
import type {LintRule} from '../lint-rule.ts';

/** All lint rules, sorted by name. */
export const lintRules: readonly LintRule[] = [
	aptUpdateApart,
	basePlatform,
	consistentInstructionCasing,
	constantPlatform,
	copyBeforeInstall,
	copyIgnoredFile,
	definitionDescription,
	duplicateStageName,
	exposeHostPart,
	exposeProtocolCasing,
	fromAsCasing,
	invalidDefaultInFrom,
	jsonArgs,
	legacyKeyValue,
	loneCd,
	maintainerDeprecated,
	noEmptyContinuation,
	packageCache,
	redundantTargetPlatform,
	relativeWorkdir,
	repeatedInstruction,
	reservedStageName,
	secretInArgOrEnv,
	shellSyntax,
	stageNameCasing,
	undefinedArgInFrom,
	undefinedVariable,
	unpinnedBase,
	unusedArg,
	unusedStage,
];
