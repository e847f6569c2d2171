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

/** `file` is the Boxfile that has no such stage. */
export function missingBoxfileStage(
	primary: Label,
	reference: {readonly file: string; readonly stage: string; readonly names: readonly string[]; readonly suggestion: string | undefined},
): Diagnostic {
	const {file, stage, names, suggestion} = reference;
	return {
		code: 'stage/undefined-reference',
		severity: 'error',
		message: `no stage of ${file} is named \`${stage}\``,
		primary,
		because: [names.length === 0 ? 'none of its stages has a name' : `its stages are ${listed(names)}`],
		help: [suggestion === undefined ? 'without `#STAGE` its last stage is meant' : `did you mean \`${suggestion}\`?`],
		data: {name: stage},
	};
}

export function boxfileUnreadable(file: string, problem: string, suggestion?: string): Diagnostic {
	return {
		code: 'stage/boxfile-unreadable',
		severity: 'error',
		message: `the Boxfile \`${file}\` cannot be read`,
		because: [problem],
		help: [
			suggestion === undefined
				? 'name the file itself, as `./lib/Boxfile#STAGE`; the path starts in the directory of this Boxfile'
				: `did you mean \`${suggestion}\`?`,
		],
		data: {file},
	};
}

/** Every link is the place where a stage names the next, and the names of both; the last leads back to the first. */
export function circularBoxfiles(links: readonly {readonly label: Label; readonly from: string; readonly to: string}[]): Diagnostic {
	const last = links.at(-1);
	const chain = [...links.map(({from}) => from), last?.to ?? ''].map((name) => `\`${name}\``);
	return {
		code: 'stage/circular-boxfiles',
		severity: 'error',
		message: `${chain[0] ?? ''} needs itself`,
		...(last === undefined ? {} : {primary: last.label}),
		related: links.slice(0, -1).map(({label, to}) => ({...label, message: `this needs \`${to}\``})),
		because: [`the chain is ${chain.join(' -> ')}`],
		help: ['move what both need into a stage of its own'],
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
		severity: 'warning',
		message: `two stages are named \`${name}\``,
		primary,
		related: [{...first, message: 'the first one'}],
		because: ['names are compared without letter case; FROM means the last one above, `--from` and `--target` the last one of the file'],
		help: ['rename one'],
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
		severity: 'warning',
		message: `the stage \`${name}\` hides the base \`${name}\``,
		primary,
		because: [`below it, \`FROM ${name}\` is this stage`],
		help: ['rename the stage'],
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
			'a base is `scratch`, `host`, a stage above, an image name, a stage of another Boxfile as `./DIR/Boxfile#STAGE`, or one of `oci:DIR[:TAG]`, `oci-archive:FILE`, `docker-archive:FILE`, `tar:FILE`, `dir:DIR`',
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
