import {realpathSync} from 'node:fs';
import {resolve} from 'node:path';
import {baseOutsideContext} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {archivePaths, baseName} from '../plan/base-reference.ts';
import type {BaseReference} from '../plan/plan.ts';
import type {BuildRequest} from './build-request.ts';

/** True when a path, its links followed, lies in the directory, or nothing is there. */
export function isInside(path: string, directory: string): boolean {
	try {
		return `${realpathSync(path)}/`.startsWith(`${realpathSync(directory)}/`);
	} catch {
		return `${resolve(path)}/`.startsWith(`${resolve(directory)}/`);
	}
}

/**
 * A Boxfile that was received with its context reads nothing else of this machine: throws base/outside-context for a base that is the host,
 * or files outside the context which the command line does not name.
 */
export function checkForeignBase(base: BaseReference, {context, contexts, isForeign}: BuildRequest): void {
	if (!isForeign || base.kind === 'scratch' || base.kind === 'name') return;
	if (base.kind !== 'host') {
		const name = baseName(base);
		const isGiven = Object.values(contexts).some((given) =>
			given.kind === 'base' ? baseName(given.base) === name : base.kind === 'dir' && base.path === given.path,
		);
		const isArchive = base.kind === 'oci-archive' || base.kind === 'docker-archive';
		const paths = isArchive ? archivePaths(base.path) : [base.path];
		if (isGiven || paths.every((path) => isInside(resolve(context, path), context))) return;
	}
	throw new BuildError(baseOutsideContext(baseName(base)));
}
