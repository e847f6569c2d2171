import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {parseReference} from '../oci/reference.ts';
import type {NamedContexts} from '../plan/named-context.ts';
import type {ImageNames} from '../store/image-names.ts';

/**
 * Images of the store whose names the compiler took for misspelt stages (`bash` beside a stage `base`): as contexts of these names, with which
 * they mean themselves when the file is compiled again.
 */
export function mistakenImages(diagnostics: readonly Diagnostic[], images: Pick<ImageNames, 'resolve'>): NamedContexts {
	const names = diagnostics.flatMap(({code, data}) => (code === 'stage/undefined-reference' ? String(data?.['name']) : []));
	const known = names.filter((name) => {
		const reference = parseReference(name).value;
		return reference !== undefined && images.resolve(reference.name) !== undefined;
	});
	return Object.fromEntries(known.map((name) => [name, {kind: 'base', base: {kind: 'name', name}}] as const));
}
