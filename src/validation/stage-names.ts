import {badStageName, duplicateStage, shadowedName} from '../diagnostics/stage.ts';
import {argumentList} from '../instructions/check-arguments.ts';
import type {Argument} from '../language/ast.ts';
import type {Rule} from './rule.ts';

/** Stage names are well formed, unique without letter case, and hide no base. */
export const stageNames: Rule = {
	name: 'stage-names',
	check: ({instructions, source}) => {
		const seen = new Map<string, Argument>();
		return instructions
			.filter(({keyword}) => keyword === 'FROM')
			.flatMap(({args}) => {
				const [, as, name] = argumentList(args);
				if (name === undefined || as?.text.toLowerCase() !== 'as') return [];
				const key = name.text.toLowerCase();
				const place = {source, span: name.span};
				if (!/^[a-z][a-z0-9\-_.]*$/v.test(key)) return [badStageName(place, name.text)];
				if (key === 'scratch' || key === 'host') return [shadowedName(place, name.text)];
				const first = seen.get(key);
				if (first !== undefined) return [duplicateStage(place, name.text, {source, span: first.span})];
				seen.set(key, name);
				return [];
			});
	},
};
