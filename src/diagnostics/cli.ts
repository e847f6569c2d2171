import type {Diagnostic, Label} from './diagnostic.ts';

export function cliUsage(message: string, help: string): Diagnostic {
	return {code: 'cli/usage', severity: 'error', message, help: [help], data: {}};
}

export function cliNoBoxfile(context: string, tried: readonly string[]): Diagnostic {
	return {
		code: 'cli/no-boxfile',
		severity: 'error',
		message: `there is no Boxfile in \`${context}\``,
		because: [`none of ${tried.map((name) => `\`${name}\``).join(', ')} exists there`],
		help: ['write one, or name it with --file FILE'],
		data: {context},
	};
}

export function cliFileUnreadable(file: string, errno: string): Diagnostic {
	return {
		code: 'cli/file-unreadable',
		severity: 'error',
		message: `\`${file}\` cannot be read`,
		because: [`reading it ended with ${errno}`],
		help: ['give the path of a Boxfile'],
		data: {file, errno},
	};
}

export function cliNotText(file: string): Diagnostic {
	return {
		code: 'cli/not-text',
		severity: 'error',
		message: `\`${file}\` is not a text`,
		because: ['it holds bytes that are not UTF-8, or a NUL character, or more than 4 MiB'],
		help: ['give the path of a Boxfile'],
		data: {file},
	};
}

export function cliBadValue(option: string, value: string, expected: string): Diagnostic {
	return {
		code: 'cli/bad-value',
		severity: 'error',
		message: `\`${option}\` does not take \`${value}\``,
		because: [`it takes ${expected}`],
		help: ['run the command with --help to see all options'],
		data: {option, value},
	};
}

export function cliNoImage(name: string, suggestion: string | undefined): Diagnostic {
	return {
		code: 'cli/no-image',
		severity: 'error',
		message: `the store has no image \`${name}\``,
		because: ['no tag and no digest in it is that'],
		help: [suggestion === undefined ? 'run `boxbuild images` to see what it has' : `did you mean \`${suggestion}\`?`],
		data: {name},
	};
}

/** `suggestion`: a path of the image that is nearly the same. */
export function cliNoPath(image: string, path: string, suggestion?: string): Diagnostic {
	return {
		code: 'cli/no-path',
		severity: 'error',
		message: `the image \`${image}\` has no file \`${path}\``,
		because: ['no layer of it holds that path, or a later one deletes it'],
		help: [suggestion === undefined ? `run \`boxbuild ls ${image}\` to see what it has` : `did you mean \`${suggestion}\`?`],
		data: {image, path},
	};
}

export function cliInterrupted(): Diagnostic {
	return {
		code: 'cli/interrupted',
		severity: 'error',
		message: 'the build was interrupted',
		because: ['a signal asked for it; every step was ended and the store is sound'],
		help: ['run the same command again: finished steps are remembered'],
		data: {},
	};
}

export function cliBadConfig(label: Label, problem: string, help: string): Diagnostic {
	return {
		code: 'cli/bad-config',
		severity: 'error',
		message: 'the user configuration cannot be used',
		primary: label,
		because: [problem],
		help: [help],
		data: {problem},
	};
}
