import type { CstNode, ICstVisitor, IToken } from "chevrotain";

export interface JsonCstNode extends CstNode {
  name: "json";
  children: JsonCstChildren;
}

export type JsonCstChildren = {
  JsonStart: IToken[];
  JsonString?: IToken[];
  JsonComma?: IToken[];
  JsonEnd: IToken[];
};

export interface WordsCstNode extends CstNode {
  name: "words";
  children: WordsCstChildren;
}

export type WordsCstChildren = {
  Word: IToken[];
};

export interface PairsCstNode extends CstNode {
  name: "pairs";
  children: PairsCstChildren;
}

export type PairsCstChildren = {
  Pair: IToken[];
};

export interface OldPairCstNode extends CstNode {
  name: "oldPair";
  children: OldPairCstChildren;
}

export type OldPairCstChildren = {
  OldName: IToken[];
  Text?: IToken[];
};

export interface TextCstNode extends CstNode {
  name: "text";
  children: TextCstChildren;
}

export type TextCstChildren = {
  Text: IToken[];
};

export interface JsonMixedCstNode extends CstNode {
  name: "jsonMixed";
  children: JsonMixedCstChildren;
}

export type JsonMixedCstChildren = {
  JsonMixed: IToken[];
};

export interface HeadedCstNode extends CstNode {
  name: "headed";
  children: HeadedCstChildren;
}

export type HeadedCstChildren = {
  Head: IToken[];
  json?: JsonCstNode[];
  jsonMixed?: JsonMixedCstNode[];
  text?: TextCstNode[];
};

export interface CommandCstNode extends CstNode {
  name: "command";
  children: CommandCstChildren;
}

export type CommandCstChildren = {
  Keyword: IToken[];
  Flag?: IToken[];
  EndOfFlags?: IToken[];
  json?: JsonCstNode[];
  jsonMixed?: JsonMixedCstNode[];
  words?: WordsCstNode[];
  pairs?: PairsCstNode[];
  oldPair?: OldPairCstNode[];
  headed?: HeadedCstNode[];
  text?: TextCstNode[];
  command?: CommandCstNode[];
};

export interface InstructionCstNode extends CstNode {
  name: "instruction";
  children: InstructionCstChildren;
}

export type InstructionCstChildren = {
  command: CommandCstNode[];
  Heredoc?: IToken[];
  EndOfLine: IToken[];
};

export interface BoxfileCstNode extends CstNode {
  name: "boxfile";
  children: BoxfileCstChildren;
}

export type BoxfileCstChildren = {
  instruction?: InstructionCstNode[];
};

export interface ICstNodeVisitor<IN, OUT> extends ICstVisitor<IN, OUT> {
  json(children: JsonCstChildren, param?: IN): OUT;
  words(children: WordsCstChildren, param?: IN): OUT;
  pairs(children: PairsCstChildren, param?: IN): OUT;
  oldPair(children: OldPairCstChildren, param?: IN): OUT;
  text(children: TextCstChildren, param?: IN): OUT;
  jsonMixed(children: JsonMixedCstChildren, param?: IN): OUT;
  headed(children: HeadedCstChildren, param?: IN): OUT;
  command(children: CommandCstChildren, param?: IN): OUT;
  instruction(children: InstructionCstChildren, param?: IN): OUT;
  boxfile(children: BoxfileCstChildren, param?: IN): OUT;
}
