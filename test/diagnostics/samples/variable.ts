import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as variable from '../../../src/diagnostics/variable.ts';
import {labelAt} from '../label-at.ts';

const file = 'ARG =x\nFROM $BASE\nENV A=${B:?is the name of b}\nLABEL x="y\n';

export const samples: readonly Diagnostic[] = [
	variable.requiredVariable(labelAt(file, '${B:?is the name of b}'), 'B', 'is the name of b'),
	variable.badSubstitution(labelAt(file, '"y'), 'a double quote is not closed'),
	variable.badVariableName(labelAt(file, 'x'), 'ARG'),
	variable.unusedBuildArg('VERISON', 'VERSION'),
	variable.unusedBuildArg('OTHER', undefined),
	variable.emptyBase(labelAt(file, '$BASE'), '$BASE'),
];
