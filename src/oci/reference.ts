import {type Digest, parseDigest} from '../core/digest.ts';
import {baseReferenceMalformed} from '../diagnostics/base.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';

/** A whole image name (github.com/distribution/reference). */
export interface Reference {
	/** `docker.io` when the name gives none. */
	readonly registry: string;
	/** `library/NAME` for a bare name of docker.io. */
	readonly repository: string;
	/** `latest` when the name gives neither tag nor digest. */
	readonly tag?: string;
	readonly digest?: Digest;
	/** All parts: `docker.io/library/debian:12`; what the store knows images by. */
	readonly name: string;
}

const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/v;
const tagForm = /^\w[\w.\-]{0,127}$/v;
const registryForm =
	/^(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?)*(?::\d+)?$|^\[[0-9a-fA-F:]+\](?::\d+)?$/v;

/** Completes and checks a name as Docker does: default registry docker.io, its `library/`, default tag latest. */
export function parseReference(text: string): Outcome<Reference> {
	const problem = (reason: string): Outcome<never> => ({diagnostics: [baseReferenceMalformed(text, reason)]});
	if (text.length > 1024) return problem('it has more than 1024 characters');
	const at = text.indexOf('@');
	const digest = at === -1 ? undefined : parseDigest(text.slice(at + 1));
	if (at !== -1 && digest === undefined) return problem('after `@` stands no sha256 digest');
	const rest = at === -1 ? text : text.slice(0, at);
	const colon = rest.lastIndexOf(':');
	const hasTag = colon > rest.lastIndexOf('/');
	const given = hasTag ? rest.slice(colon + 1) : undefined;
	if (given !== undefined && !tagForm.test(given)) return problem(`the tag \`${given}\` has characters that tags cannot have, or too many`);
	const {registry, path} = splitRegistry(hasTag ? rest.slice(0, colon) : rest);
	if (!registryForm.test(registry)) return problem(`\`${registry}\` is not a host name`);
	if (path === '') return problem('the name is empty');
	if (path.length > 255) return problem('the name has more than 255 characters');
	const bad = path.split('/').find((part) => !component.test(part));
	if (bad !== undefined) return problem(`\`${bad}\` is not made of lower-case letters and digits, with single separators between them`);
	const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
	const tag = given ?? (digest === undefined ? 'latest' : undefined);
	const name = `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
	return {
		value: {registry, repository, ...(tag === undefined ? {} : {tag}), ...(digest === undefined ? {} : {digest}), name},
		diagnostics: [],
	};
}

function splitRegistry(name: string): {readonly registry: string; readonly path: string} {
	const slash = name.indexOf('/');
	const first = slash === -1 ? '' : name.slice(0, slash);
	if (first === 'index.docker.io') return {registry: 'docker.io', path: name.slice(slash + 1)};
	const isHost = first === 'localhost' || /[.:\[]|[A-Z]/v.test(first);
	return isHost ? {registry: first, path: name.slice(slash + 1)} : {registry: 'docker.io', path: name};
}
