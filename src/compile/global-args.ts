import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {arg, ownValue} from '../instructions/arg.ts';
import type {LowerContext, StageState} from '../instructions/instruction.ts';
import {platformArgs} from '../instructions/predefined-args.ts';
import type {Boxfile, Instruction} from '../language/ast.ts';
import type {Platform} from '../oci/image-config.ts';
import type {NamedContexts} from '../plan/named-context.ts';

/** Values of the ARGs before the first FROM, as FROM and the ARGs of stages see them. */
export function lowerGlobals(
	{source, escape}: Boxfile,
	instructions: readonly Instruction[],
	options: {
		readonly buildArgs: Readonly<Record<string, string>>;
		readonly contexts?: NamedContexts;
		readonly platform: Platform;
		readonly buildPlatform?: Platform;
		readonly targetName: string | undefined;
		readonly report: (diagnostic: Diagnostic) => void;
	},
): {readonly globals: StageState; readonly context: Omit<LowerContext, 'copyFrom' | 'source' | 'buildContext'>} {
	const {buildArgs, contexts = {}, platform, buildPlatform, targetName, report} = options;
	const predefined = [...platformArgs(platform, targetName ?? 'default', buildPlatform ?? platform)].map(
		([name, value]) => [name, ownValue(buildArgs, name) ?? value] as const,
	);
	const context = {escape, buildArgs, contexts, globalArgs: new Map(predefined), report};
	let globals: StageState = {config: {}, args: predefined, commandSet: false};
	for (const instruction of instructions) {
		const lowered = arg.lower?.(instruction, globals, {...context, source, buildContext: {kind: 'context'}, copyFrom: () => undefined});
		globals = lowered?.state ?? globals;
	}
	const values = globals.args.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
	return {globals, context: {...context, globalArgs: new Map(values)}};
}
