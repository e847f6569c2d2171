/**
 * How the text after a keyword and its flags is cut into arguments:
 * `words` at white space, `text` one argument, `json-or-...` a JSON array of strings and else the other,
 * `pairs` NAME=VALUE words with quotes (or the old `NAME VALUE`), `names` words with quotes,
 * `headed` one word and then a JSON array or text, `nested` another instruction.
 */
export type Shape = 'words' | 'text' | 'json-or-words' | 'json-or-text' | 'pairs' | 'names' | 'headed' | 'nested';

/** What the grammar has to know of an instruction. */
export interface Keyword {
	/** Upper case. */
	readonly keyword: string;
	readonly shape: Shape;
	/** True when `<<NAME` among the arguments opens a heredoc. */
	readonly heredocs: boolean;
}

export type KeywordTable = readonly Keyword[];

/** The character that continues lines and escapes (parser directive `escape`). */
export type Escape = '\\' | '`';
