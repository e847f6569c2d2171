import type {Diagnostic} from './diagnostic.ts';

export function baseNotInStore(name: string, policy?: string): Diagnostic {
	return {
		code: 'base/not-in-store',
		severity: 'error',
		message: `the local store has no image named \`${name}\``,
		because: [policy === undefined ? 'only the local store is looked at here' : `\`--pull=${policy}\` asks no registry`],
		help: [
			`run \`boxbuild pull ${name}\` when a registry has it`,
			`run \`boxbuild import -t ${name} FILE\` with a root file system tar or an image archive`,
			'or name the file in the Boxfile: `oci:DIR[:TAG]`, `oci-archive:FILE`, `docker-archive:FILE`, `tar:FILE`, `dir:DIR`',
		],
		data: {name},
	};
}

export function baseOutsideContext(base: string): Diagnostic {
	return {
		code: 'base/outside-context',
		severity: 'error',
		message: `\`${base}\` is outside the context`,
		because: ['a Boxfile that was received with its context reads nothing else of this machine'],
		help: ['get the context first, for example with `git clone`, and build its directory; or name the base with --build-context'],
		data: {base},
	};
}

export function baseNotFound(reference: string, problem: string): Diagnostic {
	return {
		code: 'base/not-found',
		severity: 'error',
		message: `the base \`${reference}\` does not exist`,
		because: [problem],
		help: ['a relative path starts at the context directory: correct it'],
		data: {reference},
	};
}

export function baseUnreadable(reference: string, errno: string): Diagnostic {
	return {
		code: 'base/unreadable',
		severity: 'error',
		message: `the base \`${reference}\` cannot be read`,
		because: [`reading it ended with ${errno}`],
		help: ['check its permissions and its file system'],
		data: {reference, errno},
	};
}

export function baseDamaged(reference: string, problem: string): Diagnostic {
	return {
		code: 'base/damaged',
		severity: 'error',
		message: `the base \`${reference}\` is damaged`,
		because: [problem],
		help: ['get or make the image again'],
		data: {reference, problem},
	};
}

export function baseMalformed(what: string, problem: string): Diagnostic {
	return {
		code: 'base/malformed',
		severity: 'error',
		message: `${what} does not follow the image specification`,
		because: [problem],
		help: ['make the image again with a current tool; `skopeo inspect` shows what it holds'],
		data: {what, problem},
	};
}

/** An image that follows its specification and still cannot be used; `help` says how to get one that can. */
export function baseUnsupported(what: string, problem: string, help: string): Diagnostic {
	return {
		code: 'base/unsupported-image',
		severity: 'error',
		message: `${what} is of a kind that cannot be used`,
		because: [problem],
		help: [help],
		data: {what, problem},
	};
}

export function baseNoPlatform(reference: string, wanted: string, found: readonly string[]): Diagnostic {
	return {
		code: 'base/no-platform',
		severity: 'error',
		message: `the base \`${reference}\` has no image for ${wanted}`,
		because: [found.length === 0 ? 'its index lists no image' : `it has ${found.join(', ')}`],
		help: ['ask for one of these with --platform, or use another base'],
		data: {reference, wanted, found: [...found]},
	};
}

export function baseNoTag(reference: string, tag: string, found: readonly string[]): Diagnostic {
	return {
		code: 'base/no-tag',
		severity: 'error',
		message: `the base \`${reference}\` has no image named \`${tag}\``,
		because: [found.length === 0 ? 'it names no image' : `it names ${found.map((name) => `\`${name}\``).join(', ')}`],
		help: ['use one of its names'],
		data: {reference, tag, found: [...found]},
	};
}

export function baseAmbiguous(reference: string, found: readonly string[]): Diagnostic {
	return {
		code: 'base/ambiguous',
		severity: 'error',
		message: `the base \`${reference}\` holds several images`,
		because: [found.length === 0 ? 'and none of them has a name' : `their names are ${found.map((name) => `\`${name}\``).join(', ')}`],
		help: ['say which: `oci:DIR:TAG`, `oci-archive:FILE:TAG` or `docker-archive:FILE:NAME:TAG`'],
		data: {reference, found: [...found]},
	};
}

export function baseReferenceMalformed(text: string, problem: string): Diagnostic {
	return {
		code: 'base/malformed-reference',
		severity: 'error',
		message: `\`${text}\` is not an image name`,
		because: [problem],
		help: ['write NAME, NAME:TAG or NAME@sha256:DIGEST, with lower-case letters in NAME, for example `debian:12`'],
		data: {text},
	};
}

export function baseMissingProgram(program: string, format: string): Diagnostic {
	return {
		code: 'base/missing-program',
		severity: 'error',
		message: `the program \`${program}\` is needed to read ${format} data`,
		because: [`no \`${program}\` is on the PATH and this Node.js cannot read ${format} itself`],
		help: [`install \`${program}\`, or give the file uncompressed or as gzip`],
		data: {program, format},
	};
}

export function baseCompressionDamaged(format: string, problem: string): Diagnostic {
	return {
		code: 'base/damaged-compression',
		severity: 'error',
		message: `the ${format} data cannot be decompressed`,
		because: [problem],
		help: ['get or make the file again'],
		data: {format, problem},
	};
}

export function baseCannotPack(reference: string): Diagnostic {
	return {
		code: 'base/cannot-pack',
		severity: 'error',
		message: `the directory base \`${reference}\` cannot be packed here`,
		because: ['its files are packed inside the user namespace, and none is running'],
		help: ['use `tar:FILE` with a tar archive of the directory'],
		data: {reference},
	};
}
