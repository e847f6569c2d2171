import type {Diagnostic} from './diagnostic.ts';

/** `found`: the digests that begin so. */
export function cliAmbiguousImage(text: string, found: readonly string[]): Diagnostic {
	return {
		code: 'cli/ambiguous-image',
		severity: 'error',
		message: `\`${text}\` is the beginning of several digests`,
		because: found.map((digest) => `\`${digest}\` begins so`),
		help: ['write more of its digits, or the name of the image'],
		data: {text, found: [...found]},
	};
}

/** `found`: the platforms that the image has. */
export function cliNoPlatform(image: string, wanted: string, found: readonly string[]): Diagnostic {
	return {
		code: 'cli/no-platform',
		severity: 'error',
		message: `\`${image}\` has no image for ${wanted}`,
		because: [found.length === 0 ? 'its index lists no image' : `it has ${found.join(', ')}`],
		help: [found.length === 0 ? 'name another image' : 'ask for one of these with --platform'],
		data: {image, wanted, found: [...found]},
	};
}

/** The index lists images that were never pulled. `there`, `missing`: platforms. */
export function cliPlatformsMissing(image: string, there: readonly string[], missing: readonly string[]): Diagnostic {
	const [first = 'OS/ARCHITECTURE'] = missing;
	return {
		code: 'cli/platforms-missing',
		severity: 'error',
		message: `the store does not have all platforms of \`${image}\``,
		because: [`it lacks ${missing.join(', ')}`, there.length === 0 ? 'it has none of them' : `it has ${there.join(', ')}`],
		help: [
			...(there.length === 0 ? [] : [`take one alone: \`--platform ${there[0]}\``]),
			`get the others: \`boxbuild pull --platform ${first} ${image}\``,
		],
		data: {image, there: [...there], missing: [...missing]},
	};
}

export function cliNotAFile(image: string, path: string, type: string): Diagnostic {
	return {
		code: 'cli/not-a-file',
		severity: 'error',
		message: `\`${path}\` in the image \`${image}\` has no content to print`,
		because: [`it is a ${type}`],
		help: [type === 'directory' ? `run \`boxbuild ls ${image} ${path}\` to see what is in it` : 'name a regular file'],
		data: {image, path, type},
	};
}

export function cliLinkLoop(image: string, path: string): Diagnostic {
	return {
		code: 'cli/link-loop',
		severity: 'error',
		message: `\`${path}\` in the image \`${image}\` leads nowhere`,
		because: ['it goes through more than 40 symbolic links, which Linux does not follow either'],
		help: [`run \`boxbuild ls ${image}\` to see where its links lead`],
		data: {image, path},
	};
}

export function cliUntaggedImage(text: string): Diagnostic {
	return {
		code: 'cli/untagged-image',
		severity: 'error',
		message: `the image \`${text}\` has no name to take away`,
		because: ['no name of the store stands for it'],
		help: ['run `boxbuild prune`: it deletes images that have no name'],
		data: {text},
	};
}

export function cliDigestInName(name: string): Diagnostic {
	return {
		code: 'cli/digest-in-name',
		severity: 'error',
		message: `an image cannot be named \`${name}\``,
		because: ['a digest says which image it is and cannot be given to another one'],
		help: ['write NAME or NAME:TAG'],
		data: {name},
	};
}

/** `claimed`: history entries that say that they made a layer. */
export function cliOddHistory(image: string, claimed: number, layers: number): Diagnostic {
	return {
		code: 'cli/odd-history',
		severity: 'warning',
		message: `the history of \`${image}\` does not fit its layers`,
		because: [`by its history ${claimed} steps made a layer, it has ${layers} layers`],
		help: ['which step made which layer is not known: steps and layers are paired from the first on'],
		data: {image, claimed, layers},
	};
}
