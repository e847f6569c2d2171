import type {RunConfig} from '../oci/image-config.ts';
import type {StageState} from './instruction.ts';

/** What scratch and images without a PATH get (BuildKit's DefaultPathEnvUnix). */
export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Variables an instruction sees: ENV, then build arguments that no ENV of the same name hides. */
export function environmentOf(state: StageState): ReadonlyMap<string, string> {
	return new Map(runEnvironment(state));
}

/** The same as a list in order: the image's environment, then build arguments. */
export function runEnvironment({config, args}: StageState): readonly (readonly [name: string, value: string])[] {
	const image = (config.Env ?? []).map(splitEnv);
	const names = new Set(image.map(([name]) => name));
	const declared = new Map<string, string>();
	for (const [name, value] of args) if (!names.has(name) && value !== undefined) declared.set(name, value);
	return [...image, ...declared];
}

/** Sets a variable in place, or appends it. */
export function setVariable(env: readonly string[], name: string, value: string): readonly string[] {
	const entry = `${name}=${value}`;
	const known = env.some((other) => splitEnv(other)[0] === name);
	return known ? env.map((other) => (splitEnv(other)[0] === name ? entry : other)) : [...env, entry];
}

export function hasPath(config: RunConfig): boolean {
	return (config.Env ?? []).some((entry) => splitEnv(entry)[0] === 'PATH');
}

function splitEnv(entry: string): readonly [name: string, value: string] {
	const at = entry.indexOf('=');
	return at === -1 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}
