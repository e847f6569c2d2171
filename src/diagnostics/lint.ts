import type {Code} from './code.ts';
import type {Diagnostic, Label} from './diagnostic.ts';

type Notes = Pick<Diagnostic, 'because' | 'help' | 'related'>;

function finding(code: Code, primary: Label, message: string, notes: Notes): Diagnostic {
	return {code, severity: 'warning', message, primary, ...notes};
}

export function badCheckDirective(primary: Label, part: string, suggestion: string | undefined): Diagnostic {
	return finding('lint/bad-check-directive', primary, `\`${part}\` says nothing to \`check\``, {
		because: ['the form is `# check=skip=RULE,...;error=true;experimental=RULE,...`, with `all` for every rule'],
		help: [suggestion === undefined ? 'the rules are listed in grammar/rules' : `did you mean \`${suggestion}\`?`],
	});
}

export function stageNameCasing(primary: Label, name: string): Diagnostic {
	return finding('lint/stage-name-casing', primary, `the stage name \`${name}\` has upper-case letters`, {
		because: ['stage names are compared without letter case'],
		help: [`write \`${name.toLowerCase()}\``],
	});
}

export function fromAsCasing(primary: Label, words: {readonly from: string; readonly as: string}): Diagnostic {
	const {from, as} = words;
	const wanted = from === from.toLowerCase() ? as.toLowerCase() : as.toUpperCase();
	return finding('lint/from-as-casing', primary, `\`${from}\` and \`${as}\` differ in letter case`, {help: [`write \`${wanted}\``]});
}

export function instructionCasing(primary: Label, keyword: string, counts: {readonly lower: number; readonly upper: number}): Diagnostic {
	const {lower, upper} = counts;
	const wanted = lower > upper ? keyword.toLowerCase() : keyword.toUpperCase();
	return finding('lint/consistent-instruction-casing', primary, `\`${keyword}\` has other letter case than the rest of the file`, {
		because: [`${upper} instructions are in upper case, ${lower} in lower case`],
		help: [`write \`${wanted}\``],
	});
}

export function reservedStageName(primary: Label, name: string): Diagnostic {
	return finding('lint/reserved-stage-name', primary, `\`${name}\` is a reserved word, not a good name of a stage`, {
		because: ['docker build gives `context` a meaning of its own'],
		help: ['rename the stage'],
	});
}

export function shellFormCommand(primary: Label, keyword: string): Diagnostic {
	return finding('lint/json-args', primary, `${keyword} is in shell form`, {
		because: ['the shell becomes process 1 of the container, and the program may not get its signals'],
		help: [`write \`${keyword} ["PROGRAM", "ARGUMENT"]\`, or say with SHELL that the shell is wanted`],
	});
}

export function undefinedArgInFrom(primary: Label, name: string, suggestion: string | undefined): Diagnostic {
	return finding('lint/undefined-arg-in-from', primary, `no ARG before the first FROM is named \`${name}\``, {
		help: [suggestion === undefined ? `add \`ARG ${name}=DEFAULT\` above the first FROM` : `did you mean \`${suggestion}\`?`],
	});
}

export function invalidDefaultInFrom(primary: Label, base: string): Diagnostic {
	return finding('lint/invalid-default-in-from', primary, 'with the default values of its ARGs this names no base', {
		because: [base === '' ? 'the base is empty then' : `the base is \`${base}\` then`],
		help: ['give the ARG a default value, or write `${NAME:-default}`'],
	});
}

export function undefinedVariable(
	primary: Label,
	name: string,
	about: {readonly suggestion: string | undefined; readonly base: string | undefined},
): Diagnostic {
	const {suggestion, base} = about;
	return finding('lint/undefined-variable', primary, `no ARG or ENV above this line sets \`${name}\``, {
		...(base === undefined ? {} : {because: [`the environment of the base \`${base}\` is not known here`]}),
		help: [
			suggestion === undefined
				? `declare it with \`ARG ${name}\`, or write \`\${${name}:-}\` for an empty default`
				: `did you mean \`${suggestion}\`?`,
		],
	});
}

export function relativeWorkdir(primary: Label, path: string): Diagnostic {
	return finding('lint/relative-workdir', primary, `\`${path}\` is relative to a directory that this file does not set`, {
		because: ['the base may change its working directory'],
		help: [`write \`WORKDIR /${path.replace(/^\.\//v, '')}\`, or set an absolute WORKDIR above`],
	});
}

export function repeatedInstruction(primary: Label, keyword: string, last: Label): Diagnostic {
	return finding('lint/repeated-instruction', primary, `this ${keyword} has no effect`, {
		related: [{...last, message: 'the last one of the stage wins'}],
		help: ['keep one of them'],
	});
}

export function legacyKeyValue(primary: Label, keyword: string, pair: {readonly name: string; readonly value: string}): Diagnostic {
	const {name, value} = pair;
	const text = /^[\w\-.\/:$\{\}]+$/v.test(value) ? value : `"${value.replaceAll('"', '\\"')}"`;
	return finding('lint/legacy-key-value', primary, `${keyword} without \`=\` is the old form`, {
		because: ['it sets one name only, and everything behind the name is the value'],
		help: [`write \`${keyword} ${name}=${text}\``],
	});
}

export function redundantTargetPlatform(primary: Label): Diagnostic {
	return finding('lint/redundant-target-platform', primary, 'the platform of FROM is `$TARGETPLATFORM` without saying so', {
		help: ['leave `--platform` out'],
	});
}

export function constantPlatform(primary: Label, platform: string): Diagnostic {
	return finding('lint/constant-platform', primary, `this stage is always built for \`${platform}\``, {
		because: ['`--platform` of the command line has no effect on it'],
		help: ['leave `--platform` out, or write `--platform=$BUILDPLATFORM` for a stage that cross-compiles'],
	});
}

export function basePlatform(
	primary: Label,
	base: string,
	{found, wanted}: Readonly<Record<'found' | 'wanted', {readonly os: string; readonly architecture: string}>>,
): Diagnostic {
	return finding('lint/base-platform', primary, `\`${base}\` is not an image for ${wanted.os}/${wanted.architecture}`, {
		because: [`its configuration says ${found.os}/${found.architecture}`],
		help: [`import the image for ${wanted.os}/${wanted.architecture}, or ask for the platform that it has with --platform`],
	});
}

export function secretInArgOrEnv(primary: Label, keyword: string, name: string): Diagnostic {
	return finding('lint/secret-in-arg-or-env', primary, `\`${name}\` looks like a secret, and ${keyword} stays in the image`, {
		because: [`the image's configuration and history show the values of ${keyword}`],
		help: ['give a secret when the container runs, or keep it out of the stages whose image is published'],
	});
}

export function copyIgnoredFile(primary: Label, path: string, rule: Label): Diagnostic {
	return finding('lint/copy-ignored-file', primary, `\`${path}\` is not in the build context`, {
		related: [{...rule, message: 'this line leaves it out'}],
		help: [`remove the line, or add \`!${path}\` below it`],
	});
}

export function definitionDescription(primary: Label, what: string): Diagnostic {
	return finding('lint/definition-description', primary, `this comment does not begin with \`${what}\`, which it stands above`, {
		because: ['the comment directly above an ARG or a named FROM is its description'],
		help: [`begin with \`# ${what} \`, or put an empty line below the comment`],
	});
}

export function exposeProtocolCasing(primary: Label, port: string): Diagnostic {
	return finding('lint/expose-protocol-casing', primary, `the protocol of \`${port}\` has upper-case letters`, {
		help: [`write \`${port.toLowerCase()}\``],
	});
}

export function exposeHostPart(primary: Label, port: string): Diagnostic {
	return finding('lint/expose-host-part', primary, `\`${port}\` has an address or a port of the host`, {
		because: ['EXPOSE says on which port the container listens; the rest is ignored'],
		help: [`write \`EXPOSE ${port.slice(port.lastIndexOf(':') + 1)}\``],
	});
}

export function unpinnedBase(primary: Label, base: string): Diagnostic {
	const problem = base.endsWith(':latest') ? '`latest` is another image tomorrow' : 'without a tag it is `latest`, another image tomorrow';
	return finding('lint/unpinned-base', primary, `the base \`${base}\` has no fixed version`, {
		because: [problem],
		help: ['write a tag with a version, or a digest: `NAME:VERSION`, `NAME@sha256:...`'],
	});
}

export function aptUpdateApart(primary: Label): Diagnostic {
	return finding('lint/apt-update-apart', primary, 'packages are installed without `apt-get update` in the same step', {
		because: ['an update in a step of its own stays cached, and its package lists grow old'],
		help: ['write `RUN apt-get update && apt-get install ...`'],
	});
}

export function packageCache(primary: Label, manager: string, remedy: string): Diagnostic {
	return finding('lint/package-cache', primary, `the layer keeps what ${manager} downloaded`, {
		because: ['a later step that deletes it does not make the image smaller'],
		help: [remedy],
	});
}

export function copyBeforeInstall(primary: Label, install: Label): Diagnostic {
	return finding('lint/copy-before-install', primary, 'every change of a file makes the dependencies install again', {
		related: [{...install, message: 'this step runs again'}],
		help: ['copy the files that list the dependencies first, install, then copy the rest'],
	});
}

export function unusedArg(primary: Label, name: string): Diagnostic {
	return finding('lint/unused-arg', primary, `nothing uses the ARG \`${name}\``, {
		because: ['its name does not occur in the instructions that can see it'],
		help: ['remove it'],
	});
}

export function unusedStage(primary: Label): Diagnostic {
	return finding('lint/unused-stage', primary, 'nothing uses this stage', {
		because: ['it has no name, it is not the last one, and no FROM or `--from` refers to it'],
		help: ['remove it, or name it to make it a target'],
	});
}

export function loneCd(primary: Label): Diagnostic {
	return finding('lint/lone-cd', primary, 'this `cd` has no effect', {
		because: ['every RUN begins in the WORKDIR'],
		help: ['use WORKDIR, or join the command that needs it with `&&`'],
	});
}

/** `problem` is what the parser says. */
export function shellSyntax(primary: Label, problem: string): Diagnostic {
	return finding('lint/shell-syntax', primary, 'a shell cannot read this script', {
		because: [problem],
		help: ['correct it; a script for another program names that in SHELL, or with `#!` in the first line of a heredoc'],
	});
}
