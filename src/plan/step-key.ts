import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {sha256, type StepKey} from '../core/digest.ts';
import type {ConfigOp, CopyOp, ExecOp, Op} from './plan.ts';

/** Raised when the meaning of an operation changes, so that results of older versions are no hits. */
const schema = 'boxbuild.step/1';

/** Digest of everything about an operation that can change its result. A configuration change has no result, hence no key. */
export function operationKey(op: Exclude<Op, ConfigOp>, inputs: readonly (readonly [name: string, digest: string])[]): StepKey {
	const record: Json = {schema, op: keyedOp(op), inputs: inputs.map(([name, digest]) => [name, digest])};
	return sha256(canonicalJson(record)) as string as StepKey;
}

function keyedOp(op: Exclude<Op, ConfigOp>): Json {
	switch (op.kind) {
		case 'base':
			return {kind: op.kind, base: {...op.base}, platform: {...op.platform}};
		case 'make-directory':
			return {kind: op.kind, path: op.path, owner: op.owner};
		case 'exec':
			return keyedExec(op);
		case 'copy':
			return keyedCopy(op);
	}
}

function keyedExec({kind, args, env, unkeyed = [], user, cwd, network, script}: ExecOp): Json {
	const seen = env.filter(([name]) => !unkeyed.includes(name)).map(([name, value]) => [name, value]);
	return {kind, args: [...args], env: seen, user, cwd, network, script: script === undefined ? undefined : {...script}};
}

/** `from` enters as it is but for the number of a step: that changes with the file, and its content is among the inputs. */
function keyedCopy({kind, from, sources, destination, chown, chmod, unpack}: CopyOp): Json {
	return {
		kind,
		from: from.kind === 'step' ? {kind: from.kind} : from.kind === 'base' ? {kind: from.kind, base: {...from.base}} : {...from},
		sources: sources.map((source) => (source.kind === 'path' ? {kind: source.kind, pattern: source.pattern} : {...source})),
		destination,
		chown,
		chmod,
		unpack,
	};
}
