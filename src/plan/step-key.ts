import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {sha256, type StepKey} from '../core/digest.ts';
import type {Budget} from './budget.ts';
import type {ConfigOp, CopyFrom, CopyOp, CopySource, ExecOp, Op} from './plan.ts';
import type {RunMount} from './run-mount.ts';

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
		case 'budgets':
			return {kind: op.kind, budgets: op.budgets.map(keyedBudget)};
	}
}

/** Without its place in the file. */
function keyedBudget(budget: Budget): Json {
	switch (budget.kind) {
		case 'size':
			return {kind: budget.kind, bytes: budget.bytes};
		case 'setuid':
			return {kind: budget.kind};
		case 'path':
			return {kind: budget.kind, pattern: budget.pattern};
	}
}

function keyedExec({kind, args, env, unkeyed = [], user, cwd, network, script, mounts, insecure, discard}: ExecOp): Json {
	const seen = env.filter(([name]) => !unkeyed.includes(name)).map(([name, value]) => [name, value]);
	return {
		kind,
		args: [...args],
		env: seen,
		user,
		cwd,
		network,
		script: script === undefined ? undefined : {...script},
		mounts: mounts?.map(keyedMount),
		security: insecure === undefined ? undefined : 'insecure',
		discard,
	};
}

/** Where a bind's files come from does not count, what they are is among the inputs. A secret or an agent counts by its name. */
function keyedMount(mount: RunMount): Json {
	switch (mount.kind) {
		case 'bind':
			return {kind: mount.kind, target: mount.target, writable: mount.writable};
		case 'cache': {
			const {kind, target, id, sharing, writable, source, attributes} = mount;
			return {kind, target, id, sharing, writable, source, attributes: {...attributes}};
		}
		case 'tmpfs':
			return {kind: mount.kind, target: mount.target, size: mount.size, writable: mount.writable};
		case 'secret': {
			const {kind, id, target, env, required, attributes} = mount;
			return {kind, id, target, env, required, attributes: {...attributes}};
		}
		case 'ssh': {
			const {kind, id, target, required, attributes} = mount;
			return {kind, id, target, required, attributes: {...attributes}};
		}
	}
}

/** Of what is copied from only that counts which its content, among the inputs, does not say: not the number of a step, nor where a directory is. */
function keyedCopy(op: CopyOp): Json {
	const {kind, from, sources, destination, chown, chmod, unpack, unpackRemote, exclude, parents, link} = op;
	return {
		kind,
		from: keyedFrom(from),
		sources: sources.map(keyedSource),
		destination,
		chown,
		chmod,
		unpack,
		unpackRemote,
		exclude: exclude === undefined ? undefined : [...exclude],
		parents,
		link,
	};
}

function keyedFrom(from: CopyFrom): Json {
	switch (from.kind) {
		case 'step':
			return {kind: from.kind};
		case 'base':
			return {kind: from.kind, base: {...from.base}};
		case 'context':
			return {kind: from.kind, name: from.name};
	}
}

/** Without its place in the file. */
function keyedSource(source: CopySource): Json {
	switch (source.kind) {
		case 'path':
			return {kind: source.kind, pattern: source.pattern};
		case 'inline':
			return {...source};
		case 'url':
			return {kind: source.kind, name: source.name, checksum: source.checksum};
		case 'git':
			return {kind: source.kind, subdir: source.subdir, keepGitDir: source.keepGitDir, submodules: source.submodules};
	}
}
