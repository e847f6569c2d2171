import type {Diagnostic, Label} from './diagnostic.ts';

export function noFrom(primary: Label, keyword: string): Diagnostic {
	return {
		code: 'stage/no-from',
		severity: 'error',
		message: `${keyword} stands before the first FROM`,
		primary,
		because: ['only ARG may stand before the first FROM'],
		help: ['begin with `FROM scratch`, `FROM host` or the name of a base image'],
	};
}

export function undefinedStage(
	primary: Label,
	name: string,
	options: {readonly above: readonly string[]; readonly suggestion?: string},
): Diagnostic {
	const {above, suggestion} = options;
	return {
		code: 'stage/undefined-reference',
		severity: 'error',
		message: `no stage is named \`${name}\``,
		primary,
		because: [above.length === 0 ? 'no stage above this line has a name' : `the stages above this line are ${listed(above)}`],
		help: [suggestion === undefined ? 'name a stage with `FROM ... AS NAME`' : `did you mean \`${suggestion}\`?`],
		data: {name},
	};
}

export function laterStage(primary: Label, name: string, declared: Label): Diagnostic {
	return {
		code: 'stage/later-reference',
		severity: 'error',
		message: `the stage \`${name}\` comes only later`,
		primary,
		related: [{...declared, message: 'it is declared here'}],
		help: ['move the stage above its first use'],
		data: {name},
	};
}

export function circularStage(primary: Label, name: string): Diagnostic {
	return {
		code: 'stage/circular-reference',
		severity: 'error',
		message: `the stage \`${name}\` needs itself`,
		primary,
		because: ['a stage sees only the stages above it'],
		help: ['leave `--from` out to copy from the build context'],
		data: {name},
	};
}

export function duplicateStage(primary: Label, name: string, first: Label): Diagnostic {
	return {
		code: 'stage/duplicate-name',
		severity: 'error',
		message: `two stages are named \`${name}\``,
		primary,
		related: [{...first, message: 'the first one'}],
		help: ['stage names are compared without letter case; rename one'],
		data: {name},
	};
}

export function badStageName(primary: Label, name: string): Diagnostic {
	return {
		code: 'stage/bad-name',
		severity: 'error',
		message: `\`${name}\` cannot be the name of a stage`,
		primary,
		because: ['a name begins with a letter, then come letters, digits, `-`, `_` and `.`'],
		data: {name},
	};
}

export function shadowedName(primary: Label, name: string): Diagnostic {
	return {
		code: 'stage/shadowed-name',
		severity: 'error',
		message: `\`${name}\` cannot be the name of a stage`,
		primary,
		because: [`\`FROM ${name}\` has a meaning of its own`],
		data: {name},
	};
}

export function badBase(primary: Label, text: string, reason: string): Diagnostic {
	return {
		code: 'stage/bad-base',
		severity: 'error',
		message: `\`${text}\` names no base`,
		primary,
		because: [reason],
		help: [
			'a base is `scratch`, `host`, a stage above, an image name, or one of `oci:DIR[:TAG]`, `oci-archive:FILE`, `docker-archive:FILE`, `tar:FILE`, `dir:DIR`',
		],
	};
}

export function badPlatform(primary: Label, text: string): Diagnostic {
	return {
		code: 'stage/bad-platform',
		severity: 'error',
		message: `\`${text}\` is no platform`,
		primary,
		because: ['a platform has the form `linux/ARCHITECTURE[/VARIANT]`'],
		help: ['write `--platform=linux/amd64`, `--platform=linux/arm64` or leave it out'],
	};
}

export function unknownTarget(
	name: string,
	options: {readonly stages: readonly string[]; readonly suggestion: string | undefined},
): Diagnostic {
	const {stages, suggestion} = options;
	return {
		code: 'stage/unknown-target',
		severity: 'error',
		message: `no stage is named \`${name}\`, so it cannot be the target`,
		because: [stages.length === 0 ? 'no stage of the file has a name' : `the stages of the file are ${listed(stages)}`],
		...(suggestion === undefined ? {} : {help: [`did you mean \`${suggestion}\`?`]}),
		data: {name},
	};
}

function listed(names: readonly string[]): string {
	const quoted = names.map((name) => `\`${name}\``);
	return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1) ?? ''}`;
}
