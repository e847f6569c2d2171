import type {Heredoc} from '../language/ast.ts';

/** The body of a heredoc, without leading tabs for `<<-`. */
export function chomp({content, chomp: strip}: Heredoc): string {
	return strip ? content.replaceAll(/(?<=^|\n)\t+/gv, '') : content;
}
