import type {Diagnostic} from './diagnostic.ts';

/** What is wrong with an archive: `kind` as the reader names it, the entry as text, what was found. */
export interface ArchiveProblem {
	readonly kind: string;
	readonly entry?: string | undefined;
	readonly detail?: string | undefined;
}

const messages: Readonly<Record<string, (detail: string) => string>> = {
	truncated: () => 'the archive ends in the middle of an entry',
	checksum: () => 'the archive has a header with a wrong checksum',
	header: (detail) => `the archive has a header whose ${detail === '' ? 'fields' : detail} cannot be read`,
	pax: (detail) => `the archive has an extended header that cannot be read${detail === '' ? '' : ` (\`${detail}\`)`}`,
	'unknown-type': (detail) => `the archive has an entry of unknown type \`${detail}\``,
	sparse: () => 'the archive has a sparse file whose map cannot be read',
	escape: () => 'the archive has an entry whose path leaves the root',
	name: () => 'the archive has an entry whose name no file can have',
	whiteout: () => 'the archive has a whiteout that names nothing',
	link: (detail) => `the archive has a link whose target \`${detail}\` cannot be used`,
	parent: (detail) => `the archive has an entry below \`${detail}\`, which is no directory`,
	'too-many': (detail) => `the archive has more than ${detail} entries`,
	'too-large': (detail) => `the archive holds more than ${detail} bytes`,
	'header-too-large': (detail) => `the archive has an extended header of ${detail === '' ? 'too many' : detail} bytes`,
	'too-deep': (detail) => `the archive has a path of more than ${detail} components`,
};

/** An archive (layer of a base image, root file system, ADD source) that is refused. */
export function archiveRefused(problem: ArchiveProblem): Diagnostic {
	const describe = messages[problem.kind];
	return {
		code: 'base/archive-refused',
		severity: 'error',
		message: describe === undefined ? `the archive cannot be read (${problem.kind})` : describe(problem.detail ?? ''),
		because: problem.entry === undefined || problem.entry === '' ? [] : [`the entry is \`${problem.entry}\``],
		help: ['check where the archive comes from, or make it again with another program'],
		data: {kind: problem.kind, ...(problem.entry === undefined ? {} : {entry: problem.entry})},
	};
}

/** A file of a layer directory that is not what the layer's index says. */
export function layerFileChanged(path: string, expected: number, found: number | undefined): Diagnostic {
	return {
		code: 'store/layer-file-changed',
		severity: 'error',
		message: `the file \`${path}\` of a stored layer is not what it was when the layer was made`,
		because: [`its size was ${expected} bytes`, found === undefined ? 'it cannot be read' : `${found} bytes were read`],
		help: ['take its names away with `boxbuild rm`, run `boxbuild prune --all`, and build again'],
		data: {path},
	};
}

/** A source file that changes while it is copied. */
export function copySourceChanged(path: string): Diagnostic {
	return {
		code: 'context/file-changed',
		severity: 'error',
		message: `the file \`${path}\` changes while it is copied`,
		help: ['build again when nothing writes to it'],
		data: {path},
	};
}

/** A file that a copy would put where a directory is, or a directory where something else is. */
export function copyOverOther(path: string, source: 'file' | 'directory', existing: string): Diagnostic {
	return {
		code: 'step/copy-over-other',
		severity: 'error',
		message:
			source === 'directory' ? `a directory cannot be copied over \`${path}\`` : `a file cannot be copied over the directory \`${path}\``,
		because: [`\`${path}\` is a ${existing} in the file system below`],
		help: ['choose another destination, or remove what is there with RUN first'],
		data: {path, source, existing},
	};
}

export function copyWhiteoutName(path: string): Diagnostic {
	return {
		code: 'step/copy-whiteout-name',
		severity: 'error',
		message: `no layer can hold \`${path}\``,
		because: ['in a layer a name that begins with `.wh.` deletes what the rest of the name says'],
		help: ['give it another name, or leave it out with `--exclude` or the ignore file'],
		data: {path},
	};
}

export function copyNeedsDirectory(destination: string): Diagnostic {
	return {
		code: 'step/copy-needs-directory',
		severity: 'error',
		message: `several sources cannot be copied to \`${destination}\``,
		because: ['it does not end with `/`, and it is no directory in the file system below'],
		help: [`write \`${destination}/\` as the destination`],
		data: {destination},
	};
}

/** A destination that loops through symlinks. */
export function copyDestinationLoops(path: string): Diagnostic {
	return {
		code: 'step/copy-destination-loops',
		severity: 'error',
		message: `the destination \`${path}\` leads through more than 40 symlinks`,
		help: ['name the destination without symlinks'],
		data: {path},
	};
}

/** A --chmod value that is neither octal nor symbolic. */
export function unknownMode(text: string): Diagnostic {
	return {
		code: 'instruction/unknown-mode',
		severity: 'error',
		message: `\`${text}\` is no file mode`,
		because: ['a mode is octal digits up to 7777, or symbolic like `u+x,go=rX`'],
		help: ['write a mode like `755` or `u=rwX,go=rX`'],
		data: {mode: text},
	};
}

/** A user or group that the image does not have. */
export function unknownOwner(kind: 'user' | 'group', name: string, file: string): Diagnostic {
	return {
		code: 'step/unknown-owner',
		severity: 'error',
		message: `the image has no ${kind} named \`${name}\``,
		because: [`\`${file}\` has no such line`],
		help: [`make the ${kind} in an earlier RUN, or use its number`],
		data: {kind, name},
	};
}

/** A user or group number outside 0 to 2147483647. */
export function ownerOutOfRange(kind: 'user' | 'group', text: string): Diagnostic {
	return {
		code: 'step/owner-out-of-range',
		severity: 'error',
		message: `\`${text}\` is no ${kind} number`,
		because: ['numbers are 0 to 2147483647'],
		help: [`use a ${kind} number in that range`],
		data: {kind, text},
	};
}

/** /etc/passwd or /etc/group that is not a plain file of reasonable size. */
export function unusableAccountFile(file: string, reason: string): Diagnostic {
	return {
		code: 'step/unusable-account-file',
		severity: 'error',
		message: `\`${file}\` of the image cannot be used to look names up`,
		because: [reason],
		help: ['use numbers instead of names'],
		data: {file},
	};
}
