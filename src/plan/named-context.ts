import {parseBaseReference} from './base-reference.ts';
import type {BaseReference} from './plan.ts';

/** What `--build-context NAME=...` stands for; paths are absolute, because nothing else says what they are relative to. */
export type NamedContext = {readonly kind: 'directory'; readonly path: string} | {readonly kind: 'base'; readonly base: BaseReference};

/** By name, in lower case. */
export type NamedContexts = Readonly<Record<string, NamedContext>>;

/**
 * Reads a directory, `docker-image://NAME`, `oci-layout://DIR[:TAG]` or a transport of FROM, as they are given on the command line; `bad`
 * tells what is wrong.
 */
export function parseNamedContext(text: string): NamedContext | {readonly kind: 'bad'; readonly reason: string} {
	const image = /^docker-image:\/\/(.*)$/sv.exec(text)?.[1];
	const layout = /^oci-layout:\/\/(.*)$/sv.exec(text)?.[1];
	if (image !== undefined) {
		const base = parseBaseReference(image);
		return base.kind === 'name' ? {kind: 'base', base} : {kind: 'bad', reason: base.kind === 'bad' ? base.reason : 'it is no image name'};
	}
	const transport = layout === undefined ? text : `oci:${layout}`;
	if (/^(?:oci|oci-archive|docker-archive|tar|dir):/v.test(transport)) {
		const base = parseBaseReference(transport);
		return base.kind === 'bad' ? base : {kind: 'base', base};
	}
	if (/^[a-z][a-z0-9+.\-]*:\/\//iv.test(text))
		return {kind: 'bad', reason: 'a context is a directory, an image, a git repository, or an http or https URL'};
	return {kind: 'directory', path: text};
}

/** The context that a name in FROM or `--from` means; `docker.io/library/` and `:latest` need not be written. */
export function namedContext(name: string, contexts: NamedContexts): NamedContext | undefined {
	return Object.entries(contexts).find(([known]) => shortName(known) === shortName(name))?.[1];
}

export function shortName(name: string): string {
	return name
		.toLowerCase()
		.replace(/^(?:docker\.io\/)?(?:library\/)?/v, '')
		.replace(/:latest$/v, '');
}
