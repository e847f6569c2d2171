import {baseName} from './base-name.mjs';
import {writeFiles} from './write-files.mjs';

/** A `write` that makes a Boxfile of these lines only, after FROM the base. */
export function onBase(...lines) {
	return (context) => writeFiles(context, [['Boxfile', boxfile(`FROM ${baseName}`, ...lines)]]);
}

/** The text of a Boxfile. */
export function boxfile(...lines) {
	return `${lines.join('\n')}\n`;
}
