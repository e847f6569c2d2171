import type {Source} from '../core/source.ts';
import type {Diagnostic, Label} from './diagnostic.ts';

export function emptyFile(source: Source): Diagnostic {
	return {
		code: 'syntax/empty-file',
		severity: 'error',
		message: 'the file has no instructions',
		primary: {source, span: {start: 0, end: 0}},
		help: ['begin with `FROM scratch`, `FROM host` or the name of a base image'],
	};
}

export function unknownInstruction(primary: Label, keyword: string, suggestion: string | undefined): Diagnostic {
	return {
		code: 'syntax/unknown-instruction',
		severity: 'error',
		message: `there is no instruction \`${keyword}\``,
		primary,
		help: [
			suggestion === undefined ? 'an instruction begins each line; end a line that goes on with `\\`' : `did you mean \`${suggestion}\`?`,
		],
		data: {keyword},
	};
}

export function unexpectedText(primary: Label, reason: string): Diagnostic {
	return {code: 'syntax/unexpected-text', severity: 'error', message: 'this text does not belong here', primary, because: [reason]};
}

export function unterminatedHeredoc(primary: Label, name: string): Diagnostic {
	return {
		code: 'syntax/unterminated-heredoc',
		severity: 'error',
		message: `the heredoc \`${name}\` does not end`,
		primary,
		because: ['the file ends before a line that is exactly its name'],
		help: [`add a line \`${name}\` without white space around it (\`<<-${name}\` allows tabs before it)`],
		data: {name},
	};
}

export function badEscapeDirective(primary: Label, value: string): Diagnostic {
	return {
		code: 'syntax/bad-escape-directive',
		severity: 'error',
		message: `\`${value}\` cannot be the escape character`,
		primary,
		help: ['write `# escape=\\` or ``# escape=` ``'],
	};
}

export function repeatedDirective(primary: Label, name: string): Diagnostic {
	return {
		code: 'syntax/repeated-directive',
		severity: 'error',
		message: `the directive \`${name}\` stands here twice`,
		primary,
		help: ['keep one of them'],
	};
}

export function blankContinuation(primary: Label): Diagnostic {
	return {
		code: 'syntax/blank-continuation',
		severity: 'warning',
		message: 'an empty line inside an instruction',
		primary,
		because: ['the line before it ends with the escape character, so the instruction goes on'],
		help: ['remove the empty line, or put `#` on it'],
	};
}

export function mixedJson(primary: Label): Diagnostic {
	return {
		code: 'syntax/mixed-json',
		severity: 'error',
		message: 'this JSON array has members that are no strings',
		primary,
		help: ['put every argument in double quotes'],
	};
}

export function almostJson(primary: Label): Diagnostic {
	return {
		code: 'syntax/almost-json',
		severity: 'warning',
		message: 'this looks like a JSON array but is none, so it is taken as text',
		primary,
		help: ['write `["program", "argument"]`: double quotes, commas between, none after the last'],
	};
}

export function badIgnorePattern(primary: Label, reason: string): Diagnostic {
	return {
		code: 'syntax/bad-ignore-pattern',
		severity: 'error',
		message: 'this ignore pattern cannot be read',
		primary,
		because: [reason],
		help: ['close every `[`, and write `\\\\` for a backslash'],
	};
}
