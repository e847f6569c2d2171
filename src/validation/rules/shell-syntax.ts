import type {ParseError} from 'unbash';
import {basename} from 'node:path';
import * as lint from '../../diagnostics/lint.ts';
import {argumentList} from '../../instructions/check-arguments.ts';
import type {Boxfile, Instruction} from '../../language/ast.ts';
import {baseConfig, type LintFacts, type LintStage} from '../lint-facts.ts';
import type {LintRule} from '../lint-rule.ts';
import {shellScript, visitScript} from '../shell-script.ts';

/** Shells whose language the parser knows. */
const known = new Set(['sh', 'bash', 'dash', 'ash', 'busybox']);

/** The script of a RUN or CHECK is no shell script. */
export const shellSyntax: LintRule = {
	name: 'shell-syntax',
	severity: 'warning',
	summary: 'a shell cannot read the script of a RUN or CHECK',
	check: (boxfile, facts) => facts.stages.flatMap((stage) => ofStage(stage, boxfile, facts)),
};

function ofStage(stage: LintStage, boxfile: Boxfile, facts: LintFacts): ReturnType<LintRule['check']> {
	const {source} = boxfile;
	let shell = shellBelow(stage, facts);
	return stage.instructions.flatMap((instruction) => {
		if (instruction.keyword === 'SHELL') shell = argumentList(instruction.args)[0]?.text ?? shell;
		if ((instruction.keyword !== 'RUN' && instruction.keyword !== 'CHECK') || !known.has(basename(shell))) return [];
		return errorsOf(instruction, boxfile).map(({message, pos}) => lint.shellSyntax({source, span: {start: pos, end: pos + 1}}, message));
	});
}

/** The program of SHELL where a stage begins; the default where nothing is known of its base. */
function shellBelow(stage: LintStage, facts: LintFacts): string {
	const parent = stage.parent === undefined ? undefined : facts.stages[stage.parent];
	if (parent === undefined) return baseConfig(stage, facts)?.Shell?.[0] ?? '/bin/sh';
	const own = parent.instructions.findLast(({keyword}) => keyword === 'SHELL');
	return own === undefined ? shellBelow(parent, facts) : (argumentList(own.args)[0]?.text ?? '');
}

function errorsOf(instruction: Instruction, boxfile: Boxfile): readonly ParseError[] {
	const script = shellScript(instruction, boxfile);
	if (script === undefined) return [];
	const interpreter = script.isWhole ? /^#!\s*(\S+)(?:\s+(\S+))?/v.exec(script.text) : null;
	const program = basename(interpreter?.[1] ?? 'sh');
	if (!known.has(program === 'env' ? (interpreter?.[2] ?? '') : program)) return [];
	const errors: ParseError[] = [];
	visitScript(script, (node) => {
		if ('errors' in node && node.errors !== undefined) errors.push(...node.errors);
	});
	return errors
		.slice(0, 1)
		.map(({message, pos}) => ({message, pos: script.start + Math.min(pos, Math.max(0, script.text.trimEnd().length - 1))}));
}
