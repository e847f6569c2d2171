import type {Platform} from '../oci/image-config.ts';
import type {BaseName, BaseReference, PlatformText} from './plan.ts';
import {platformText} from './platform.ts';

const transports = ['oci', 'oci-archive', 'docker-archive', 'tar', 'dir'] as const;

/** Reads the text of FROM that is no stage; returns the reason when it names nothing. */
export function parseBaseReference(text: string): BaseReference | {readonly kind: 'bad'; readonly reason: string} {
	if (text === 'scratch' || text === 'host') return {kind: text};
	const transport = transports.find((kind) => text.startsWith(`${kind}:`));
	if (transport === undefined) return parseName(text);
	const rest = text.slice(transport.length + 1);
	if (rest === '') return {kind: 'bad', reason: `a path has to follow \`${transport}:\``};
	if (transport !== 'oci') return {kind: transport, path: rest};
	const colon = rest.lastIndexOf(':');
	if (colon <= 0 || rest.slice(colon).includes('/')) return {kind: 'oci', path: rest};
	const tag = rest.slice(colon + 1);
	if (tag === '') return {kind: 'bad', reason: 'the tag after the last `:` is empty'};
	return {kind: 'oci', path: rest.slice(0, colon), tag};
}

/** Paths that the text behind `oci-archive:` or `docker-archive:` may mean, longest first: it may end with `:TAG`, and paths may hold colons. */
export function archivePaths(text: string): readonly string[] {
	const ends = [...text.matchAll(/:/gv)].map(({index}) => index).filter((index) => index > 0);
	return [text, ...ends.toReversed().map((end) => text.slice(0, end))];
}

function parseName(text: string): BaseReference | {readonly kind: 'bad'; readonly reason: string} {
	const match = /^(?<repository>[^@]+?)(?::[\w][\w.\-]{0,127})?(?:@[a-z0-9+._\-]+:[0-9a-f]{32,})?$/v.exec(text);
	const repository = match?.groups?.['repository'];
	if (repository === undefined) return {kind: 'bad', reason: 'an image name has the form `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`'};
	const [host = '', ...path] = repository.split('/');
	const isHost = path.length > 0 && (/[.:A-Z]/v.test(host) || host === 'localhost');
	const components = isHost ? path : [host, ...path];
	const bad = components.find((component) => !/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/v.test(component));
	if (bad === undefined) return {kind: 'name', name: text};
	const reason = /[A-Z]/v.test(bad) ? `\`${bad}\` has upper-case letters` : `\`${bad}\` is no part of an image name`;
	return {kind: 'bad', reason};
}

/** The reference for another platform than the usual one of the build. */
export function withPlatform(base: BaseReference, platform: Platform, usual: Platform): BaseReference {
	if (base.kind === 'scratch' || base.kind === 'host' || platformText(platform) === platformText(usual)) return base;
	return {...base, platform: platformText(platform)};
}

/** The one text form of a base. */
export function baseName(base: BaseReference): BaseName {
	switch (base.kind) {
		case 'scratch':
		case 'host':
			return base.kind;
		case 'name':
			return base.name + platformSuffix(base.platform);
		default:
			return `${base.kind}:${base.path}${base.tag === undefined ? '' : `:${base.tag}`}${platformSuffix(base.platform)}`;
	}
}

function platformSuffix(platform: PlatformText | undefined): string {
	return platform === undefined ? '' : ` for ${platform}`;
}
