import type {Command} from 'unbash';
import type {Span} from '../core/source.ts';
import type {Boxfile, Instruction} from '../language/ast.ts';
import {shellScript, visitScript} from './shell-script.ts';

/** A simple command of a RUN: its words without quotes, assignments and `sudo` before it left out. */
export interface ShellCommand {
	readonly words: readonly string[];
	/** From the first to the last word. */
	readonly span: Span;
	/** False when it is the last command of the RUN. */
	readonly followed: boolean;
}

/** Programs that run what their arguments say. */
const runners = new Set(['sudo', 'exec', 'time', 'command']);

/** The simple commands of a RUN in their order, those of substitutions too. */
export function shellCommands(instruction: Instruction, boxfile: Boxfile): readonly ShellCommand[] {
	const commands = commandsOf(instruction, boxfile);
	return commands.map((command, index) => ({...command, followed: index < commands.length - 1}));
}

function commandsOf(instruction: Instruction, boxfile: Boxfile): readonly Omit<ShellCommand, 'followed'>[] {
	const {args} = instruction;
	if (args.form === 'json') return simple(args.items.map(({text, span}) => ({value: text, pos: span.start, end: span.end})));
	const script = shellScript(instruction, boxfile);
	if (script === undefined) return [];
	const found: Command[] = [];
	visitScript(script, (node) => {
		if (node.type === 'Command') found.push(node);
	});
	return found
		.sort((a, b) => a.pos - b.pos)
		.flatMap(({name, suffix}) =>
			simple([...(name === undefined ? [] : [name]), ...suffix.filter((part) => part.type === 'Word')], script.start),
		);
}

interface PlacedWord {
	readonly value: string;
	readonly pos: number;
	readonly end: number;
}

function simple(all: readonly PlacedWord[], start = 0): readonly Omit<ShellCommand, 'followed'>[] {
	const words = all.slice(
		Math.max(
			0,
			all.findIndex(({value}) => !runners.has(value)),
		),
	);
	const [first] = words;
	const last = words.at(-1);
	if (first === undefined || last === undefined) return [];
	return [{words: words.map(({value}) => value), span: {start: start + first.pos, end: start + last.end}}];
}
