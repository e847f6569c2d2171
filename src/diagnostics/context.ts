import type {Diagnostic, Label} from './diagnostic.ts';

/** `place` is what the source belongs to, as people say it: `the build context`, `the stage `build``. */
export function missingSource(
	pattern: string,
	place: string,
	facts: {readonly suggestion?: string; readonly ignoredBy?: Label; readonly linkTarget?: string},
): Diagnostic {
	const because: string[] = [];
	const {ignoredBy} = facts;
	const rule = ignoredBy?.source.text.slice(ignoredBy.span.start, ignoredBy.span.end);
	if (ignoredBy !== undefined) because.push(`it is there, but the rule \`${rule}\` of ${ignoredBy.source.name} excludes it`);
	if (facts.linkTarget !== undefined) because.push(`it is a symbolic link to \`${facts.linkTarget}\`, which does not exist there`);
	const help =
		ignoredBy !== undefined
			? ['take the rule out, or add a later rule that starts with `!`']
			: facts.suggestion === undefined
				? [`sources are relative to the root of ${place}`]
				: [`did you mean \`${facts.suggestion}\`?`];
	return {
		code: 'context/missing-source',
		severity: 'error',
		message: `\`${pattern}\` does not exist in ${place}`,
		...(ignoredBy === undefined ? {} : {related: [{...ignoredBy, message: 'this rule'}]}),
		...(because.length === 0 ? {} : {because}),
		help,
		data: {
			pattern,
			...(facts.suggestion === undefined ? {} : {suggestion: facts.suggestion}),
			...(rule === undefined ? {} : {rule}),
			...(facts.linkTarget === undefined ? {} : {linkTarget: facts.linkTarget}),
		},
	};
}

/** A warning: the reference has `..` at the beginning of a source mean nothing. */
export function sourceOutside(primary: Label, path: string, taken: string): Diagnostic {
	return {
		code: 'context/outside',
		severity: 'warning',
		message: `\`${path}\` leads above the root, so \`${taken}\` is copied`,
		primary,
		because: ['sources lie below the root; `..` does not lead out of it'],
		help: [`write \`${taken}\`, or build from a higher directory and name the Boxfile with --file`],
		data: {path, taken},
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
