import type {Diagnostic} from './diagnostic.ts';

export function outputMalformed(spec: string, problem: string, expected?: string): Diagnostic {
	return {
		code: 'export/malformed-output',
		severity: 'error',
		message: `\`${spec}\` is not an output`,
		because: [problem],
		help: [
			...(expected === undefined ? [] : [`expected is ${expected}`]),
			'for example: `-o type=oci,dest=image.tar`, `-o type=tar,dest=-`, `-o DIR`',
		],
		data: {spec},
	};
}

export function exportFailed(destination: string, errno: string): Diagnostic {
	return {
		code: 'export/not-writable',
		severity: 'error',
		message: `the output \`${destination}\` cannot be written`,
		because: [`writing it ended with ${errno}; nothing incomplete was kept`],
		help: ['give a path in a directory that exists, belongs to you and has space'],
		data: {destination, errno},
	};
}

export function exportThroughLink(destination: string, path: string): Diagnostic {
	return {
		code: 'export/unsafe-destination',
		severity: 'error',
		message: `\`${path}\` in \`${destination}\` is not a directory, but the result has a directory there`,
		because: ['a symbolic link in the destination is never followed'],
		help: ['remove it, or export into an empty directory'],
		data: {destination, path},
	};
}

export function exportIntoOther(destination: string, found: string): Diagnostic {
	return {
		code: 'export/occupied',
		severity: 'error',
		message: `the output \`${destination}\` is ${found}`,
		help: ['give another destination, or remove what is there'],
		data: {destination},
	};
}

export function exportLayerChanged(diffId: string, found: string): Diagnostic {
	return {
		code: 'export/layer-changed',
		severity: 'error',
		message: 'a layer of the store is no longer what it was when it was built',
		because: [`its digest was ${diffId}, now it is ${found}`],
		help: ['take its names away with `boxbuild rm`, run `boxbuild prune --all`, and build again'],
		data: {diffId, found},
	};
}

export function exportNeedsTree(type: string): Diagnostic {
	return {
		code: 'export/needs-tree',
		severity: 'error',
		message: `the output type \`${type}\` needs the image's file system`,
		because: ['it can be mounted only inside a user namespace, and none is running'],
		help: ['run `boxbuild doctor`; `type=oci` needs no mount'],
		data: {type},
	};
}

export function exportOnePlatform(type: string, count: number): Diagnostic {
	return {
		code: 'export/one-platform',
		severity: 'error',
		message: `an output of type \`${type}\` holds one image`,
		because: [`the build is for ${count} platforms`],
		help: ['use `type=oci` or `type=registry`, or build for one platform with --platform'],
		data: {type, count},
	};
}

export function exportNoZstd(): Diagnostic {
	return {
		code: 'export/no-zstd',
		severity: 'error',
		message: 'nothing here can compress with zstd',
		because: ['there is no `libzstd.so.1`, and Node.js can do it from version 22.15 on'],
		help: ['install libzstd (Debian: libzstd1), or use compression=gzip'],
	};
}
