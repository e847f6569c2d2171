import {beginsWithFrom} from './begins-with-from.ts';
import {knownInstructions} from './known-instructions.ts';
import type {Rule} from './rule.ts';
import {stageNames} from './stage-names.ts';

/** All whole-file rules. */
export const rules: readonly Rule[] = [beginsWithFrom, knownInstructions, stageNames];
