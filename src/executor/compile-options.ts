import {basename, dirname} from 'node:path';
import type {CompileOptions} from '../compile/compile.ts';
import type {Platform} from '../oci/image-config.ts';
import type {BuildRequest} from './build-request.ts';

/** What a build says to the compiler, but for what the compiler asks for. */
export function compileOptions(request: BuildRequest, platform: Platform): Omit<CompileOptions, 'bases' | 'files'> {
	const {buildArgs, buildPlatform, labels, contexts, target, context, boxfilePath} = request;
	const isInContext = boxfilePath !== undefined && dirname(boxfilePath) === context;
	return {
		buildArgs,
		platform,
		buildPlatform,
		labels,
		contexts,
		...(target === undefined ? {} : {target}),
		...(isInContext ? {file: basename(boxfilePath)} : {}),
	};
}
