import type {KeywordTable} from '../../grammar/keyword-table.ts';
import {add} from './add.ts';
import {arg} from './arg.ts';
import {cmd, entrypoint, shell} from './command.ts';
import {copy} from './copy.ts';
import {env} from './env.ts';
import {expose} from './expose.ts';
import {from} from './from.ts';
import {healthcheck} from './healthcheck.ts';
import type {InstructionDefinition} from './instruction.ts';
import {label} from './label.ts';
import {maintainer} from './maintainer.ts';
import {onbuild} from './onbuild.ts';
import {run} from './run.ts';
import {stopsignal} from './stopsignal.ts';
import {user} from './user.ts';
import {volume} from './volume.ts';
import {workdir} from './workdir.ts';
import {check} from './check.ts';

/** All instructions, sorted by keyword. */
export const instructions: readonly InstructionDefinition[] = [
	add,
	arg,
	check,
	cmd,
	copy,
	entrypoint,
	env,
	expose,
	from,
	healthcheck,
	label,
	maintainer,
	onbuild,
	run,
	shell,
	stopsignal,
	user,
	volume,
	workdir,
];

/** What the grammar has to know of them. */
export const keywords: KeywordTable = instructions.map(({keyword, shape, heredocs}) => ({keyword, shape, heredocs}));

const byKeyword = new Map(instructions.map((definition) => [definition.keyword, definition]));

/** The definition of an upper-case keyword. */
export function instructionNamed(keyword: string): InstructionDefinition | undefined {
	return byKeyword.get(keyword);
}
