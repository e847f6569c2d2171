import type {RunConfig} from '../oci/image-config.ts';
import type {StageState} from './instruction.ts';

/** What scratch and images without a PATH get (BuildKit's DefaultPathEnvUnix). */
export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Variables an instruction sees: ENV and build arguments; of two with the same name the later one. */
export function environmentOf(state: StageState): ReadonlyMap<string, string> {
	return new Map(runEnvironment(state));
}

/** The same as a list in order: the image's environment, then build arguments. */
export function runEnvironment({config, args}: StageState): readonly (readonly [name: string, value: string])[] {
	const values = new Map((config.Env ?? []).map(splitEnv));
	for (const [name, value] of args) if (value !== undefined) values.set(name, value);
	return [...values];
}

/** Build arguments as they are once ENV has set these names: declared, and without a value of their own. */
export function hideArgs(args: StageState['args'], env: Iterable<string>): StageState['args'] {
	const names = new Set(env);
	return args.map(([name, value]) => [name, names.has(name) ? undefined : value]);
}

export function namesOf({Env = []}: RunConfig): readonly string[] {
	return Env.map((entry) => splitEnv(entry)[0]);
}

/** Sets a variable in place, or appends it. */
export function setVariable(env: readonly string[], name: string, value: string): readonly string[] {
	const entry = `${name}=${value}`;
	const known = env.some((other) => splitEnv(other)[0] === name);
	return known ? env.map((other) => (splitEnv(other)[0] === name ? entry : other)) : [...env, entry];
}

export function hasPath(config: RunConfig): boolean {
	return namesOf(config).includes('PATH');
}

function splitEnv(entry: string): readonly [name: string, value: string] {
	const at = entry.indexOf('=');
	return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}
