import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';

/** The name of an ARG or ENV looks like a secret. */
export const secretInArgOrEnv: LintRule = {
	name: 'secret-in-arg-or-env',
	buildkit: 'SecretsUsedInArgOrEnv',
	severity: 'warning',
	summary: 'the name of an ARG or ENV looks like a secret',
	check: ({source, instructions}) =>
		instructions.flatMap(({keyword, args}) => {
			if (keyword !== 'ARG' && keyword !== 'ENV') return [];
			const names = args.form === 'pairs' ? args.pairs.map(({name}) => name) : args.form === 'old-pair' ? [args.name] : [];
			return names
				.filter(({text}) => secret.test(text) && !harmless.test(text))
				.map(({text, span}) => lint.secretInArgOrEnv({source, span}, keyword, text));
		}),
};

const secret = /(?:^|_)(?:apikey|auth|credentials?|key|passwd|password|pword|secret|token)(?:_|$)/iv;
const harmless = /(?:^|_)(?:public|file|version)(?:_|$)/iv;
