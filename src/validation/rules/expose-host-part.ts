import * as lint from '../../diagnostics/lint.ts';
import {argumentList} from '../../instructions/check-arguments.ts';
import type {LintRule} from '../lint-rule.ts';

/** EXPOSE has an address or a port of the host. */
export const exposeHostPart: LintRule = {
	name: 'expose-host-part',
	buildkit: 'ExposeInvalidFormat',
	severity: 'warning',
	summary: 'EXPOSE has an address or a port of the host',
	check: ({source, instructions}) =>
		instructions
			.filter(({keyword}) => keyword === 'EXPOSE')
			.flatMap(({args}) => argumentList(args))
			.filter(({text}) => text.replaceAll(/\$\{[^\}]*\}/gv, '').includes(':'))
			.map(({text, span}) => lint.exposeHostPart({source, span}, text)),
};
