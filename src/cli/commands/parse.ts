import {canonicalJson} from '../../core/canonical-json.ts';
import {hasErrors} from '../../diagnostics/diagnostic.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {keywords} from '../../instructions/registry.ts';
import {unknownKeyword} from '../../validation/known-instructions.ts';
import {parseBoxfile} from '../../language/parse-boxfile.ts';
import {toParseJson} from '../../language/to-parse-json.ts';
import type {CommandModule} from '../command.ts';
import {readBoxfile} from '../read-boxfile.ts';

/** `boxbuild parse`: the syntax tree of a Boxfile. */
export const parseCommand: CommandModule = {
	define(command, {terminal}) {
		command
			.argument('[file]', 'the Boxfile; `-` reads it from standard input', 'Boxfile')
			.option('--json', 'print JSON on one line, for programs')
			.action((file: string, flags: {readonly json?: boolean}) => {
				const {source} = readBoxfile('.', file);
				const {value, diagnostics: found} = parseBoxfile(source, keywords);
				// The parser takes any word as a keyword, so that one bad line never hides the others.
				const diagnostics = [...found, ...(value?.instructions ?? []).flatMap((instruction) => unknownKeyword(instruction, source))];
				if (value === undefined || hasErrors(diagnostics)) throw new BuildError(diagnostics);
				const tree = toParseJson(value);
				terminal.out(`${flags.json === true ? canonicalJson(tree) : JSON.stringify(tree, undefined, 2)}\n`);
			});
	},
};
