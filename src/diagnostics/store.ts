import type {Diagnostic} from './diagnostic.ts';

export function storeNoSpace(directory: string): Diagnostic {
	return {
		code: 'store/no-space',
		severity: 'error',
		message: `no space is left for the store \`${directory}\``,
		because: ['a write into it ended with ENOSPC or EDQUOT; nothing incomplete was kept'],
		help: ['free some space, or run `boxbuild prune`, or give another place with --store'],
		data: {directory},
	};
}

export function storeNotWritable(directory: string, errno: string): Diagnostic {
	return {
		code: 'store/not-writable',
		severity: 'error',
		message: `the store \`${directory}\` cannot be written`,
		because: [`a write into it ended with ${errno}`],
		help: ['use a directory that belongs to you: --store DIR or BOXBUILD_STORE'],
		data: {directory, errno},
	};
}

export function storeInputOutput(directory: string, errno: string): Diagnostic {
	return {
		code: 'store/input-output',
		severity: 'error',
		message: `the store \`${directory}\` does not work`,
		because: [`a file operation in it ended with ${errno}`],
		help: ['look at the disk and its file system, or give another place with --store'],
		data: {directory, errno},
	};
}

export function storeNewerVersion(directory: string, found: string, known: number): Diagnostic {
	return {
		code: 'store/newer-version',
		severity: 'error',
		message: `the store \`${directory}\` was made by a newer boxbuild`,
		because: [`its version is \`${found}\`, this program knows ${known}`],
		help: ['use the newer boxbuild, or give this one its own store with --store DIR'],
		data: {directory, found, known},
	};
}

export function storeNotAStore(directory: string, entry: string): Diagnostic {
	return {
		code: 'store/not-a-store',
		severity: 'error',
		message: `\`${directory}\` is not a store`,
		because: [`it holds \`${entry}\`, which no store has, and no \`version\` file`],
		help: ['give an empty or new directory with --store DIR'],
		data: {directory, entry},
	};
}

export function storeBlobMissing(digest: string): Diagnostic {
	return {
		code: 'store/blob-missing',
		severity: 'error',
		message: `the store has no blob \`${digest}\``,
		because: ['a document or a record of the store names it'],
		help: ['get the image again (`boxbuild pull`, `boxbuild import`), or build it again'],
		data: {digest},
	};
}

export function storeBlobDamaged(digest: string, expected: string, found: string): Diagnostic {
	return {
		code: 'store/blob-damaged',
		severity: 'error',
		message: `a blob differs from its digest \`${digest}\``,
		because: [`expected ${expected}, found ${found}`, 'what was read is not used; a damaged file of the store is deleted'],
		help: ['build again, or import again what it came from'],
		data: {digest, expected, found},
	};
}

export function storeIndexDamaged(problem: string): Diagnostic {
	return {
		code: 'store/index-damaged',
		severity: 'error',
		message: 'the list of images `index.json` of the store is damaged',
		because: [problem],
		help: ['move `index.json` of the store away; images get their names again when they are built or imported again'],
		data: {problem},
	};
}

const idModes: Readonly<Record<string, string>> = {multi: 'many user ids', single: 'one user id', root: 'the ids of root'};

/** `known`, `wanted`: names of id modes. */
export function storeOtherIds(directory: string, known: string, wanted: string): Diagnostic {
	return {
		code: 'store/other-ids',
		severity: 'error',
		message: `the layers of the store \`${directory}\` cannot be read with ${idModes[wanted] ?? wanted}`,
		because: [`they were unpacked with ${idModes[known] ?? known}, so that their owners are other numbers on the disk`],
		help: [`use this store with \`--ids ${known}\`, or another one: --store DIR or BOXBUILD_STORE`, 'empty it: boxbuild prune --all'],
		data: {directory, known, wanted},
	};
}
