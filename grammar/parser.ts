import {CstParser, type CstNode, type IToken} from 'chevrotain';
import {boxfileErrors} from './error-messages.ts';
import * as token from './tokens.ts';
import type {Tokens} from './tokens.ts';

/** The concrete syntax of a Boxfile: one rule per argument shape, so that a new instruction needs no new rule. */
export class BoxfileParser extends CstParser {
	readonly instruction: (start?: number) => CstNode;

	constructor(tokens: Tokens, options: {readonly checked: boolean}) {
		super([...tokens.all], {
			recoveryEnabled: true,
			maxLookahead: 1,
			skipValidations: !options.checked,
			errorMessageProvider: boxfileErrors,
			nodeLocationTracking: 'none',
		});

		const json = this.RULE('json', () => {
			this.CONSUME(token.JsonStart);
			this.MANY_SEP({SEP: token.JsonComma, DEF: () => this.CONSUME(token.JsonString)});
			this.CONSUME(token.JsonEnd);
		});
		const words = this.RULE('words', () => this.AT_LEAST_ONE(() => this.CONSUME(token.Word)));
		const pairs = this.RULE('pairs', () => this.AT_LEAST_ONE(() => this.CONSUME(tokens.pair)));
		const oldPair = this.RULE('oldPair', () => {
			this.CONSUME(tokens.oldName);
			this.OPTION(() => this.CONSUME(token.Text));
		});
		const text = this.RULE('text', () => this.CONSUME(token.Text));
		const jsonMixed = this.RULE('jsonMixed', () => this.CONSUME(token.JsonMixed));
		const headed = this.RULE('headed', () => {
			this.CONSUME(token.Head);
			this.OPTION(() => this.OR([{ALT: () => this.SUBRULE(json)}, {ALT: () => this.SUBRULE(jsonMixed)}, {ALT: () => this.SUBRULE(text)}]));
		});
		const command: (start?: number) => CstNode = this.RULE('command', () => {
			this.CONSUME(token.Keyword);
			this.MANY(() => this.CONSUME(token.Flag));
			this.OPTION(() => this.CONSUME(token.EndOfFlags));
			this.OPTION1(() =>
				this.OR([
					{ALT: () => this.SUBRULE(json)},
					{ALT: () => this.SUBRULE(jsonMixed)},
					{ALT: () => this.SUBRULE(words)},
					{ALT: () => this.SUBRULE(pairs)},
					{ALT: () => this.SUBRULE(oldPair)},
					{ALT: () => this.SUBRULE(headed)},
					{ALT: () => this.SUBRULE(text)},
					{ALT: () => this.SUBRULE(command)},
				]),
			);
		});
		this.instruction = this.RULE('instruction', () => {
			this.SUBRULE(command);
			this.MANY(() => this.CONSUME(token.Heredoc));
			this.CONSUME(token.EndOfLine);
		});
		// A file is instructions one after another; each is parsed alone, so that one bad line never hides another.
		this.RULE('boxfile', () => {
			this.MANY(() => this.SUBRULE(this.instruction));
		});
		this.performSelfAnalysis();
	}

	/** Parses the tokens of one instruction; its errors are in `this.errors` afterwards. */
	parse(tokens: readonly IToken[]): CstNode {
		this.input = [...tokens];
		return this.instruction();
	}
}
