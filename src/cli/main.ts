import {BuildError} from '../diagnostics/build-error.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {suggest} from '../core/suggest.ts';
import {cliUsage} from '../diagnostics/cli.ts';
import {commands} from './commands/registry.ts';
import type {CommandContext} from './command.ts';
import {exitCodeOf, exitCodes} from './exit-code.ts';
import {makeTerminal} from './terminal.ts';
import {readUserConfig} from './user-config.ts';

const interrupt = new AbortController();
const terminal = makeTerminal(process);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => {
		// A second one means it: nothing is lost, the store is sound at every instant.
		if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
		interrupt.abort();
	});
}

void run(process.argv.slice(2)).then((code) => {
	process.exitCode = code;
});

async function run(argv: readonly string[]): Promise<number> {
	try {
		await dispatch(argv);
		// A command that has printed what it found may still say that it is not good.
		return typeof process.exitCode === 'number' ? process.exitCode : exitCodes.done;
	} catch (error) {
		return report(error);
	}
}

/** `boxbuild DIR` is `boxbuild build DIR`; a name that is neither a command nor a directory is a mistake. */
async function dispatch(argv: readonly string[]): Promise<void> {
	const first = argv[0] ?? '';
	const named = commands.find((command) => command.name === first);
	if (named === undefined && ['', '-h', '--help', 'help'].includes(first)) return help();
	if (named === undefined && ['-V', '--version'].includes(first)) return dispatch(['version']);
	if (named === undefined && /^[a-z]+$/v.test(first) && !(await isDirectory(first))) {
		const close = suggest(
			first,
			commands.map((command) => command.name),
		);
		throw new BuildError(
			cliUsage(
				`\`${first}\` is neither a command nor a directory`,
				close === undefined ? 'run `boxbuild --help` to see the commands' : `did you mean \`boxbuild ${close}\`?`,
			),
		);
	}
	const entry = named ?? commands[0];
	if (entry === undefined) throw new Error('there are no commands');
	const [{Command, CommanderError}, module] = await Promise.all([import('commander'), entry.load()]);
	const command = new Command(`boxbuild ${entry.name}`).description(entry.summary).exitOverride();
	command.configureOutput({writeOut: (text) => terminal.out(text), writeErr: () => {}});
	module.define(command, await makeContext());
	try {
		await command.parseAsync(named === undefined ? [...argv] : argv.slice(1), {from: 'user'});
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		if (error.exitCode === 0) return;
		const message = error.message.replace(/^error: /v, '').replace(/\.$/v, '');
		throw new BuildError(cliUsage(message.replaceAll("'", '`'), `run \`boxbuild ${entry.name} --help\` to see its arguments and options`));
	}
}

/** The environment, completed by what the user's configuration file says. */
async function makeContext(): Promise<CommandContext> {
	const {store, driver, ids, jobs, memory, cpus, pids, registries = {}} = await readUserConfig(process.env);
	const textOf = (value: string | number | undefined): string | undefined => (value === undefined ? undefined : String(value));
	const defaults = {
		BOXBUILD_STORE: store,
		BOXBUILD_DRIVER: driver,
		BOXBUILD_IDS: ids,
		BOXBUILD_JOBS: textOf(jobs),
		BOXBUILD_MEMORY: textOf(memory),
		BOXBUILD_CPUS: textOf(cpus),
		BOXBUILD_PIDS: textOf(pids),
	};
	return {terminal, registries, env: {...defaults, ...process.env}, signal: interrupt.signal};
}

async function isDirectory(path: string): Promise<boolean> {
	const {statSync} = await import('node:fs');
	return statSync(path, {throwIfNoEntry: false})?.isDirectory() === true;
}

function help(): void {
	const width = Math.max(...commands.map((command) => command.name.length));
	const rows = commands.map(({name, summary}) => `  ${name.padEnd(width)}  ${summary}`);
	terminal.out(
		`boxbuild builds container images and layered root file systems from a Boxfile.\n\nUsage: boxbuild [COMMAND] [OPTIONS] ...\n       boxbuild DIRECTORY          the same as boxbuild build DIRECTORY\n\nCommands:\n${rows.join('\n')}\n\nrun \`boxbuild COMMAND --help\` for its arguments and options\n`,
	);
}

async function report(error: unknown): Promise<number> {
	const [{renderText}, {cliInterrupted}, {internalBug}] = await Promise.all([
		import('../diagnostics/render-text.ts'),
		import('../diagnostics/cli.ts'),
		import('../diagnostics/internal.ts'),
	]);
	const options = terminal.colour ? {style: (await import('./ansi-style.ts')).ansiStyle} : {};
	if (interrupt.signal.aborted) {
		terminal.err(renderText([cliInterrupted()], options));
		return exitCodes.interrupted;
	}
	const diagnostics: readonly Diagnostic[] =
		error instanceof BuildError
			? error.diagnostics
			: [internalBug(error instanceof Error ? (error.stack ?? error.message) : String(error))];
	terminal.err(renderText(diagnostics, options));
	return exitCodeOf(diagnostics);
}
