import type {Diagnostic, Label} from './diagnostic.ts';

export function missingArgument(primary: Label, keyword: string, expected: string): Diagnostic {
	return {
		code: 'instruction/missing-argument',
		severity: 'error',
		message: `${keyword} needs ${expected}`,
		primary,
		data: {keyword},
	};
}

export function tooManyArguments(primary: Label, keyword: string, expected: string): Diagnostic {
	return {
		code: 'instruction/too-many-arguments',
		severity: 'error',
		message: `${keyword} takes ${expected}, and this is more`,
		primary,
		data: {keyword},
	};
}

export function unknownFlag(
	primary: Label,
	flag: {readonly name: string; readonly keyword: string; readonly suggestion: string | undefined; readonly known: readonly string[]},
): Diagnostic {
	const {name, keyword, suggestion, known} = flag;
	const list = known.map((other) => `\`--${other}\``).join(', ');
	return {
		code: 'instruction/unknown-flag',
		severity: 'error',
		message: `${keyword} has no flag \`--${name}\``,
		primary,
		because: [known.length === 0 ? `${keyword} has no flags` : `the flags of ${keyword} are ${list}`],
		...(suggestion === undefined ? {} : {help: [`did you mean \`--${suggestion}\`?`]}),
		data: {flag: name, keyword},
	};
}

export function repeatedFlag(primary: Label, name: string, first: Label): Diagnostic {
	return {
		code: 'instruction/repeated-flag',
		severity: 'error',
		message: `\`--${name}\` is given twice`,
		primary,
		related: [{...first, message: 'it is first given here'}],
		help: ['keep one of them'],
		data: {flag: name},
	};
}

export function badFlagValue(
	primary: Label,
	flag: {readonly name: string; readonly value: string; readonly expected: string; readonly suggestion?: string},
): Diagnostic {
	return {
		code: 'instruction/bad-flag-value',
		severity: 'error',
		message: flag.value === '' ? `\`--${flag.name}\` has no value` : `\`--${flag.name}\` cannot be \`${flag.value}\``,
		primary,
		because: [`it has to be ${flag.expected}`],
		...(flag.suggestion === undefined ? {} : {help: [`did you mean \`${flag.suggestion}\`?`]}),
		data: {flag: flag.name, value: flag.value},
	};
}

export function unsupportedFlag(primary: Label, flag: string, keyword: string): Diagnostic {
	return {
		code: 'instruction/unsupported-flag',
		severity: 'error',
		message: `\`${flag}\` of ${keyword} is outside what this version builds`,
		primary,
		data: {flag, keyword},
	};
}

export function insecureNotAllowed(primary: Label): Diagnostic {
	return {
		code: 'instruction/insecure-not-allowed',
		severity: 'error',
		message: '`--security=insecure` needs the permission of the command line',
		primary,
		because: ['a command with it has all capabilities of the builder and no system call filter'],
		help: ['when you trust this Boxfile, build with `--allow security.insecure`'],
	};
}

export function unsupportedForm(primary: Label, what: string, help: string): Diagnostic {
	return {
		code: 'instruction/unsupported-form',
		severity: 'error',
		message: `${what} is outside what this version builds`,
		primary,
		help: [help],
	};
}

export function badValue(
	primary: Label,
	problem: {readonly message: string; readonly because?: string; readonly help?: string},
): Diagnostic {
	return {
		code: 'instruction/bad-value',
		severity: 'error',
		message: problem.message,
		primary,
		...(problem.because === undefined ? {} : {because: [problem.because]}),
		...(problem.help === undefined ? {} : {help: [problem.help]}),
	};
}

export function missingEquals(primary: Label, keyword: string, word: string): Diagnostic {
	return {
		code: 'instruction/missing-equals',
		severity: 'error',
		message: `\`${word}\` has no \`=\``,
		primary,
		because: [`the arguments of ${keyword} have the form NAME=VALUE`],
		help: ['put a value with white space in double quotes'],
	};
}

export function deprecatedMaintainer(primary: Label, name: string): Diagnostic {
	return {
		code: 'instruction/deprecated',
		severity: 'warning',
		message: 'MAINTAINER is deprecated',
		primary,
		help: [`write \`LABEL org.opencontainers.image.authors=${JSON.stringify(name)}\``],
	};
}

export function notBesideBudget(primary: Label, what: string, budget: Label): Diagnostic {
	return {
		code: 'instruction/not-allowed-here',
		severity: 'error',
		message: `${what} cannot stand beside a budget`,
		primary,
		related: [{...budget, message: 'this is the budget'}],
		because: ['a CHECK either runs a command or compares what the image holds with budgets'],
		help: ['write a CHECK for each'],
	};
}

export function notAllowedHere(primary: Label, keyword: string, because: string): Diagnostic {
	return {
		code: 'instruction/not-allowed-here',
		severity: 'error',
		message: `${keyword} cannot stand here`,
		primary,
		because: [because],
		data: {keyword},
	};
}
