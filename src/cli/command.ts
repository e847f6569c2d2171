import type {Command} from 'commander';
import type {RegistriesConfig} from '../registry/settings.ts';

/** Where a command writes: results to `out`, everything else to `err`. */
export interface Terminal {
	out(text: string): void;
	err(text: string): void;
	/** Standard error is a terminal of this many columns; undefined: it is not a terminal. */
	readonly columns: number | undefined;
	readonly colour: boolean;
}

export interface CommandContext {
	readonly terminal: Terminal;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** What the user's configuration says about registries. */
	readonly registries: RegistriesConfig;
	/** Aborted by SIGINT, SIGTERM or SIGHUP. */
	readonly signal: AbortSignal;
}

/** One command of the program: one file, and one line in the registry. */
export interface CommandModule {
	/** Declares arguments and options and sets the action; `context` is for the action. */
	define(command: Command, context: CommandContext): void;
}

/** What the registry knows of a command without loading it. */
export interface CommandEntry {
	readonly name: string;
	readonly summary: string;
	load(): Promise<CommandModule>;
}
