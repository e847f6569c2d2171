import {renderText} from '../diagnostics/render-text.ts';
import type {RegistryAccess} from '../executor/with-worker.ts';
import type {CommandContext} from './command.ts';

/** For commands that look into images of the store: layers that nobody has needed so far come from their registry. */
export function registryAccess({terminal, env, registries, signal}: CommandContext): RegistryAccess {
	return {policy: 'missing', config: registries, env, signal, noted: (note) => terminal.err(renderText([note]))};
}
