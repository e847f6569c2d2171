import {join} from 'node:path';
import {writeFileSync} from 'node:fs';
import {boxfile} from './boxfile.mjs';
import {repeatPhase} from './repeat-phase.mjs';

const parentName = 'localhost/bench-parent:1';
const repeats = 5;

/** The phases of a curve that runs `true` on parents: `Boxfile` makes the parent, which is not measured, then each cold step is another one. */
export const onTop = [
	{name: 'parent', cold: true, tag: parentName, unmeasured: true},
	...repeatPhase(repeats, {name: 'cold', file: 'top'}).map((phase, at) => ({...phase, change: (context) => writeTop(context, at)})),
	...repeatPhase(repeats, {name: 'cached', file: 'top'}),
];

function writeTop(context, at) {
	writeFileSync(join(context, 'top'), boxfile(`FROM ${parentName}`, `RUN true ${at}`));
}
