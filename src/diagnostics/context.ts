import type {Diagnostic} from './diagnostic.ts';

/** `place` is what the source belongs to, as people say it: `the build context`, `the stage `build``. */
export function missingSource(
	pattern: string,
	place: string,
	facts: {readonly suggestion?: string; readonly ignoredBy?: string; readonly linkTarget?: string},
): Diagnostic {
	const because: string[] = [];
	if (facts.ignoredBy !== undefined) because.push(`it is there, but ${facts.ignoredBy} excludes it`);
	if (facts.linkTarget !== undefined) because.push(`it is a symbolic link to \`${facts.linkTarget}\`, which does not exist there`);
	const help =
		facts.ignoredBy !== undefined
			? ['take the rule out, or add a later rule that starts with `!`']
			: facts.suggestion === undefined
				? [`sources are relative to the root of ${place}`]
				: [`did you mean \`${facts.suggestion}\`?`];
	return {
		code: 'context/missing-source',
		severity: 'error',
		message: `\`${pattern}\` does not exist in ${place}`,
		...(because.length === 0 ? {} : {because}),
		help,
		data: {pattern, ...facts},
	};
}

export function sourceOutside(pattern: string, place: string): Diagnostic {
	return {
		code: 'context/outside',
		severity: 'error',
		message: `\`${pattern}\` lies outside ${place}`,
		because: ['its `..` components lead above the root'],
		help: ['copy what is needed below the root, or build from a higher directory and name the Boxfile with --file'],
		data: {pattern},
	};
}

export function badPattern(pattern: string): Diagnostic {
	return {
		code: 'context/malformed-pattern',
		severity: 'error',
		message: `\`${pattern}\` is not a file name pattern`,
		because: ['a `[` has no `]`, a range has no end, or a `\\` stands last'],
		help: ['close the bracket, or write `\\[` for the character itself'],
		data: {pattern},
	};
}

export function ignoreFileOutside(name: string): Diagnostic {
	return {
		code: 'context/ignore-file-outside',
		severity: 'error',
		message: `the ignore file \`${name}\` is a symbolic link that leaves the build context`,
		help: ['replace the link by a regular file inside the context'],
		data: {name},
	};
}

export function ignoreFileUnreadable(name: string, problem: string): Diagnostic {
	return {
		code: 'context/unreadable-ignore-file',
		severity: 'error',
		message: `the ignore file \`${name}\` cannot be used`,
		because: [problem],
		help: ['make it a readable regular file, or remove it'],
		data: {name, problem},
	};
}

export function contextNotDirectory(directory: string, problem: string): Diagnostic {
	return {
		code: 'context/not-a-directory',
		severity: 'error',
		message: `the build context \`${directory}\` is not a directory that can be read`,
		because: [problem],
		help: ['give an existing directory: `boxbuild build DIR`'],
		data: {directory, problem},
	};
}

export function sourceUnreadable(path: string, errno: string): Diagnostic {
	return {
		code: 'context/unreadable',
		severity: 'error',
		message: `\`${path}\` cannot be read`,
		because: [`reading it ended with ${errno}`],
		help: ['make it readable, or exclude it with a rule in .boxignore'],
		data: {path, errno},
	};
}
