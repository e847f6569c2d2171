import type {Digest} from '../core/digest.ts';
import type {Purpose} from './authorizer.ts';
import type {Session} from './session.ts';

/** One repository at one registry or mirror. */
export interface Target {
	readonly session: Session;
	/** As that registry knows it. */
	readonly repository: string;
	/** `host/repository` as people wrote it; for messages. */
	readonly name: string;
	/** How often a request is tried; as often as usual when absent. */
	readonly attempts?: number;
}

/** What a document is asked for by. */
export type Tagged = {readonly tag?: string; readonly digest?: Digest};

/** The path of the API below a repository (OCI distribution-spec, "Endpoints"). Names hold nothing that needs escaping. */
export function pathOf({repository}: Target, rest: string): string {
	return `/v2/${repository}/${rest}`;
}

/** For messages: with the digest when there is one, that is what counts then. */
export function subjectOf({name}: Pick<Target, 'name'>, {tag, digest}: Tagged): string {
	return digest === undefined ? `${name}:${tag ?? 'latest'}` : `${name}@${digest}`;
}

export function pulling(target: Target, subject: string): Purpose {
	return {subject, repository: target.repository, scopes: [`repository:${target.repository}:pull`]};
}

export function pushing(target: Target, subject: string): Purpose {
	return {subject, repository: target.repository, scopes: [`repository:${target.repository}:pull,push`]};
}

/** What every request of a target has. */
export function triesOf({attempts}: Target): {readonly attempts?: number} {
	return attempts === undefined ? {} : {attempts};
}
