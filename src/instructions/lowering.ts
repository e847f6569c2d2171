import type {Arguments} from '../language/ast.ts';
import type {RunConfig} from '../oci/image-config.ts';
import type {Lowered, StageState} from './instruction.ts';

/** The result of an instruction that changes the configuration only. */
export function configChange(state: StageState, change: RunConfig, createdBy: string): Lowered {
	return {state: {...state, config: {...state.config, ...change}}, op: {kind: 'config'}, createdBy};
}

/** The command of CMD, ENTRYPOINT and RUN: the exec form as it is, the shell form behind SHELL. */
export function commandOf(args: Arguments, config: RunConfig): readonly string[] {
	if (args.form === 'json') return args.items.map(({text}) => text);
	return args.form === 'text' ? inShell(args.text.text, config) : [];
}

export function inShell(text: string, {Shell}: RunConfig): readonly string[] {
	return [...(Shell === undefined || Shell.length === 0 ? ['/bin/sh', '-c'] : Shell), text];
}

/** A list the way Go's `%q` prints it, as the history of images has it. */
export function quotedList(items: readonly string[]): string {
	return `[${items.map((item) => JSON.stringify(item)).join(' ')}]`;
}
