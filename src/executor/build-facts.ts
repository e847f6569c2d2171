import {canonicalJson} from '../core/canonical-json.ts';
import {hexOf, sha256, type Digest, type StepKey} from '../core/digest.ts';
import {compareRaw} from '../core/raw-path.ts';
import type {ProvenanceDependency} from '../provenance/provenance.ts';

/** What steps find out about their inputs, kept for the provenance: files of contexts, what came over the network, keys. */
export class BuildFacts {
	readonly #keys = new Map<number, StepKey>();
	/** By context, then by step and place in it. */
	readonly #selections = new Map<string, Map<string, string>>();
	readonly #remotes = new Map<string, ProvenanceDependency>();

	/** The key of a step, whether it ran or was remembered. */
	noteKey(step: number, key: StepKey): void {
		this.#keys.set(step, key);
	}

	keyOf(step: number): StepKey | undefined {
		return this.#keys.get(step);
	}

	/** The digest of files that a step takes from a context (digestItems); `name` is empty for the main one. */
	noteSelection(name: string, place: string, digest: string): void {
		const known = this.#selections.get(name) ?? new Map<string, string>();
		known.set(place, digest);
		this.#selections.set(name, known);
	}

	/** A file behind a URL. */
	noteFile(url: string, digest: Digest): void {
		this.#remotes.set(`${url} ${digest}`, {uri: url, digest: {sha256: hexOf(digest)}});
	}

	/** A commit of a git repository. */
	noteCommit(repository: string, ref: string | undefined, commit: string): void {
		const uri = ref === undefined ? repository : `${repository}#${ref}`;
		this.#remotes.set(`${uri} ${commit}`, {uri, digest: {gitCommit: commit}});
	}

	/** In an order that does not depend on which step was faster. */
	dependencies(): readonly ProvenanceDependency[] {
		const contexts = [...this.#selections].sort(([one], [other]) => compareRaw(one, other));
		const remotes = [...this.#remotes].sort(([one], [other]) => compareRaw(one, other));
		return [
			...contexts.map(([name, places]) => ({
				name: name === '' ? 'context' : `context ${name}`,
				digest: {boxbuildItems1: hexOf(sha256(canonicalJson(Object.fromEntries(places))))},
			})),
			...remotes.map(([, dependency]) => dependency),
		];
	}
}
