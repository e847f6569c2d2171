import type {Diagnostic, Label} from './diagnostic.ts';

export function requiredVariable(primary: Label, name: string, reason: string): Diagnostic {
	return {
		code: 'variable/required',
		severity: 'error',
		message: `\`${name}\` is required here`,
		primary,
		because: [reason],
		help: [`declare it with \`ARG ${name}\` and give \`--build-arg ${name}=VALUE\`, or set it with \`ENV ${name}=VALUE\``],
		data: {name},
	};
}

export function badSubstitution(primary: Label, reason: string): Diagnostic {
	return {
		code: 'variable/bad-substitution',
		severity: 'error',
		message: 'the quotes or variables of this argument cannot be read',
		primary,
		because: [reason],
	};
}

export function badVariableName(primary: Label, keyword: string): Diagnostic {
	return {code: 'variable/bad-name', severity: 'error', message: `${keyword} has an empty name here`, primary, help: ['write NAME=VALUE']};
}

export function unusedBuildArg(name: string, suggestion: string | undefined): Diagnostic {
	return {
		code: 'variable/unused-build-arg',
		severity: 'warning',
		message: `no ARG of the file is named \`${name}\`, so \`--build-arg ${name}\` has no effect`,
		help: [suggestion === undefined ? `add \`ARG ${name}\` to the stage that uses it` : `did you mean \`${suggestion}\`?`],
		data: {name},
	};
}

export function emptyBase(primary: Label, text: string): Diagnostic {
	return {
		code: 'variable/empty-base',
		severity: 'error',
		message: `the base \`${text}\` is empty after its variables are replaced`,
		primary,
		because: ['FROM sees the ARGs that stand before the first FROM, and no others'],
		help: ['give the ARG a default value, or pass it with `--build-arg`'],
	};
}
