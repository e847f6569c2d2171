import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {parseReference, type Reference} from '../oci/reference.ts';
import type {NamedContexts} from '../plan/named-context.ts';
import type {ImageNames} from '../store/image-names.ts';
import type {RemoteImages} from './remote-images.ts';

/**
 * Images of the store, or of registries, whose names the compiler took for misspelt stages (`bash` beside a stage `base`): as contexts of these
 * names, with which they mean themselves when the file is compiled again.
 */
export async function mistakenImages(
	diagnostics: readonly Diagnostic[],
	images: Pick<ImageNames, 'resolve'>,
	remote?: RemoteImages,
): Promise<NamedContexts> {
	const found: Record<string, NamedContexts[string]> = {};
	for (const {code, data} of diagnostics) {
		const name = code === 'stage/undefined-reference' ? String(data?.['name']) : '';
		const reference = parseReference(name).value;
		if (reference === undefined) continue;
		const isImage = images.resolve(reference.name) !== undefined || (await isInRegistry(reference, remote));
		if (isImage) found[name] = {kind: 'base', base: {kind: 'name', name}};
	}
	return found;
}

/** A registry that cannot be asked, or does not let in, leaves the name what it most likely is: a mistake. */
async function isInRegistry(reference: Reference, remote: RemoteImages | undefined): Promise<boolean> {
	if (remote === undefined || remote.policy === 'never') return false;
	try {
		await (await remote.registry()).resolve(reference);
		return true;
	} catch (error) {
		if (error instanceof BuildError) return false;
		throw error;
	}
}
