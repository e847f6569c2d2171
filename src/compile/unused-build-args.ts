import {suggest} from '../core/suggest.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {unusedBuildArg} from '../diagnostics/variable.ts';
import {isPredefined, platformArgs} from '../instructions/predefined-args.ts';
import type {Unit} from './unit.ts';

const platformNames = new Set(platformArgs({os: '', architecture: ''}, '').keys());

/** Build arguments of the command line that no ARG of the files declares. */
export function unusedBuildArgs(units: readonly Unit[], buildArgs: Readonly<Record<string, string>>): readonly Diagnostic[] {
	const declared = new Set(
		units
			.flatMap(({boxfile}) => boxfile.instructions)
			.flatMap(({keyword, args}) => {
				const own = args.form === 'nested' ? args.instruction : {keyword, args};
				return own.keyword === 'ARG' && own.args.form === 'pairs' ? own.args.pairs.map(({name}) => name.text) : [];
			}),
	);
	const unused = Object.keys(buildArgs).filter((name) => !declared.has(name) && !isPredefined(name) && !platformNames.has(name));
	return unused.sort().map((name) => unusedBuildArg(name, suggest(name, declared)));
}
