import * as lint from '../../diagnostics/lint.ts';
import {baseConfig} from '../lint-facts.ts';
import type {LintRule} from '../lint-rule.ts';

/** CMD or ENTRYPOINT is in shell form. */
export const jsonArgs: LintRule = {
	name: 'json-args',
	buildkit: 'JSONArgsRecommended',
	severity: 'warning',
	summary: 'CMD or ENTRYPOINT is in shell form',
	check: ({source}, facts) => {
		const withShell = new Set<number>();
		return facts.stages.flatMap((stage) => {
			let hasShell = withShell.has(stage.parent ?? -1) || (baseConfig(stage, facts)?.Shell ?? []).length > 0;
			const found = stage.instructions.flatMap(({keyword, args}) => {
				if (keyword === 'SHELL') hasShell = true;
				if (hasShell || args.form !== 'text' || (keyword !== 'CMD' && keyword !== 'ENTRYPOINT')) return [];
				// What looks like JSON and is none has a warning of its own.
				if (/^\[.*\]$/v.test(args.text.text)) return [];
				return [lint.shellFormCommand({source, span: args.text.span}, keyword)];
			});
			if (hasShell) withShell.add(stage.index);
			return found;
		});
	},
};
