import * as lint from '../../diagnostics/lint.ts';
import {argumentList} from '../../instructions/check-arguments.ts';
import type {LintRule} from '../lint-rule.ts';

/** The protocol of EXPOSE has upper-case letters. */
export const exposeProtocolCasing: LintRule = {
	name: 'expose-protocol-casing',
	buildkit: 'ExposeProtoCasing',
	severity: 'warning',
	summary: 'the protocol of EXPOSE has upper-case letters',
	check: ({source, instructions}) =>
		instructions
			.filter(({keyword}) => keyword === 'EXPOSE')
			.flatMap(({args}) => argumentList(args))
			.filter(({text}) => /\/(?!\{|.*\$).*[A-Z]/v.test(text))
			.map(({text, span}) => lint.exposeProtocolCasing({source, span}, text)),
};
