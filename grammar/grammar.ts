import {Lexer} from 'chevrotain';
import type {Escape, KeywordTable} from './keyword-table.ts';
import {BoxfileParser} from './parser.ts';
import {createTokens} from './tokens.ts';

export interface Grammar {
	readonly lexer: Lexer;
	readonly parser: BoxfileParser;
}

const made = new WeakMap<KeywordTable, Map<Escape, Grammar>>();

/** The lexer and parser of a keyword table; made once per table and escape character. */
export function grammarOf(table: KeywordTable, escape: Escape): Grammar {
	const ofTable = made.get(table) ?? new Map<Escape, Grammar>();
	made.set(table, ofTable);
	const found = ofTable.get(escape) ?? createGrammar(table, escape, {checked: false});
	ofTable.set(escape, found);
	return found;
}

/** `checked` turns chevrotain's own checks of the grammar on; a test does that once, a build never (they cost milliseconds). */
export function createGrammar(table: KeywordTable, escape: Escape, options: {readonly checked: boolean}): Grammar {
	const tokens = createTokens(table, escape);
	const lexer = new Lexer(
		{modes: {...tokens.modes}, defaultMode: 'start'},
		{positionTracking: 'onlyOffset', skipValidations: !options.checked, safeMode: true, deferDefinitionErrorsHandling: false},
	);
	return {lexer, parser: new BoxfileParser(tokens, options)};
}
