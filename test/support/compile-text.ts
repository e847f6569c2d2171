import {compile, type CompileOptions, type Compiled} from '../../src/compile/compile.ts';
import type {Outcome} from '../../src/diagnostics/diagnostic.ts';
import type {ExecOp, Plan, Stage} from '../../src/plan/plan.ts';

const defaults: CompileOptions = {buildArgs: {}, platform: {os: 'linux', architecture: 'amd64'}, labels: {}, bases: new Map()};

/** Compiles a text with everything at its default but what is given. */
export function compileText(text: string, options: Partial<CompileOptions> = {}): Outcome<Compiled> {
	return compile({name: 'Boxfile', text}, {...defaults, ...options});
}

/** The plan of a text that has to compile. */
export function planOf(text: string, options: Partial<CompileOptions> = {}): Plan {
	const {value, diagnostics} = compileText(text, options);
	if (value?.plan === undefined) throw new Error(`no plan: ${JSON.stringify([diagnostics.map(({message}) => message), value?.needs])}`);
	return value.plan;
}

export function targetOf(plan: Plan): Stage {
	const stage = plan.stages[plan.target];
	if (stage === undefined) throw new Error('the plan has no target');
	return stage;
}

export function execsOf(plan: Plan): readonly ExecOp[] {
	return plan.steps.flatMap(({op}) => (op.kind === 'exec' ? [op] : []));
}

export function codesOf({diagnostics}: Outcome<unknown>): readonly string[] {
	return diagnostics.map(({code}) => code);
}
