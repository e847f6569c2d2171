import {Option} from 'commander';
import {existsSync} from 'node:fs';
import {findIgnoreFile} from '../../context/find-ignore-file.ts';
import {check} from '../../compile/check.ts';
import {compile} from '../../compile/compile.ts';
import {rawOf} from '../../core/raw-path.ts';
import type {Source} from '../../core/source.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {type Diagnostic, hasErrors, type Label} from '../../diagnostics/diagnostic.ts';
import {renderJson} from '../../diagnostics/render-json.ts';
import {renderSarif} from '../../diagnostics/render-sarif.ts';
import {renderText} from '../../diagnostics/render-text.ts';
import type {BuildRequest} from '../../executor/build-request.ts';
import {readOtherBoxfile} from '../../executor/other-boxfile.ts';
import {compileOptions} from '../../executor/compile-options.ts';
import {mayPrune, matchIgnore, parseIgnore} from '../../language/ignore.ts';
import type {ImageConfig, Platform} from '../../oci/image-config.ts';
import type {BaseName, BaseReference} from '../../plan/plan.ts';
import {mistakenImages} from '../../sources/mistaken-images.ts';
import {resolveBase} from '../../sources/resolve-base.ts';
import {openStore, type Store} from '../../store/open-store.ts';
import {lintRules} from '../../validation/rules/registry.ts';
import {parseBuildOptions} from '../build-options.ts';
import type {CommandContext, CommandModule} from '../command.ts';
import {exitCodes} from '../exit-code.ts';

const sarifRules = lintRules.map(({name, summary, reportedAs}) => ({id: reportedAs ?? `lint/${name}`, summary}));

interface CheckFlags {
	readonly file?: string;
	readonly buildArg: readonly string[];
	readonly target?: string;
	readonly format: 'text' | 'json' | 'sarif';
	readonly store?: string;
}

/** `boxbuild check`: every problem of a Boxfile and every finding of the lint rules; it builds nothing. */
export const checkCommand: CommandModule = {
	define(command, context) {
		command
			.argument('[context]', 'directory with the files to build from', '.')
			.option(
				'-f, --file <file>',
				'the Boxfile; `-` reads it from standard input (default: Boxfile, Containerfile or Dockerfile in the context)',
			)
			.option('--target <stage>', 'the stage that would be built (default: the last)')
			.option('--build-arg <name[=value]>', 'set an ARG; without a value, from the environment (repeatable)', collect, [])
			.option('--store <directory>', 'where images, layers and caches are')
			.addOption(new Option('--format <form>', 'how findings are printed').choices(['text', 'json', 'sarif']).default('text'))
			.action(async (directory: string, flags: CheckFlags) => run(directory, flags, context));
	},
};

function collect(value: string, before: readonly string[]): readonly string[] {
	return [...before, value];
}

async function run(directory: string, flags: CheckFlags, {terminal, env}: CommandContext): Promise<void> {
	const {format, ...rest} = flags;
	const request = parseBuildOptions(
		directory,
		{...rest, tag: [], output: [], label: [], annotation: [], buildContext: [], cache: true, network: 'host'},
		env,
	);
	const diagnostics = await findings(request);
	if (format === 'json') terminal.out(renderJson(diagnostics));
	else if (format === 'sarif') terminal.out(renderSarif(diagnostics, sarifRules));
	else if (diagnostics.length > 0) {
		const style = terminal.colour ? {style: (await import('../ansi-style.ts')).ansiStyle} : {};
		terminal.out(renderText(diagnostics, {...style, limit: Infinity}));
	}
	if (hasErrors(diagnostics)) process.exitCode = exitCodes.badInput;
}

async function findings(request: BuildRequest): Promise<readonly Diagnostic[]> {
	const store = existsSync(`${request.store}/version`) ? openStore(request.store) : undefined;
	const plain = {
		...compileOptions(request, platformOf(request)),
		bases: new Map<BaseName, ImageConfig>(),
		files: new Map<string, Source>(),
	};
	const mistaken = store === undefined ? {} : await mistakenImages(compile(request.boxfile, plain).diagnostics, store.images);
	const options = {...plain, contexts: {...plain.contexts, ...mistaken}};
	const asked = new Set<string>();
	const unreadable: Diagnostic[] = [];
	// What is not at hand hides nothing: what depends on it is left unsaid.
	for (let isNew = true; isNew;) {
		const {needs = [], files = []} = compile(request.boxfile, options).value ?? {};
		const open = [...needs.map(({name}) => name), ...files.map(({file}) => file)].filter((name) => !asked.has(name));
		isNew = open.length > 0;
		for (const {file, ...primary} of files.filter((need) => open.includes(need.file))) {
			const found = attempt(() => readOtherBoxfile(file, request));
			if ('value' in found) options.files.set(file, found.value);
			else unreadable.push(...found.diagnostics.map((diagnostic) => ({primary, ...diagnostic})));
		}
		for (const {name, base} of needs.filter((need) => open.includes(need.name))) {
			const config = base.kind === 'name' && store !== undefined ? await storedConfig(base, store, request) : undefined;
			if (config !== undefined) options.bases.set(name, config);
		}
		for (const name of open) asked.add(name);
	}
	const {ignoredBy, diagnostics} = ignoreRules(request);
	return [...check(request.boxfile, {...options, ...(ignoredBy === undefined ? {} : {ignoredBy})}), ...unreadable, ...diagnostics];
}

function attempt<T>(work: () => T): {readonly value: T} | {readonly diagnostics: readonly Diagnostic[]} {
	try {
		return {value: work()};
	} catch (error) {
		if (!(error instanceof BuildError)) throw error;
		return {diagnostics: error.diagnostics};
	}
}

/** Undefined when the store does not have the image. */
async function storedConfig(base: BaseReference, store: Store, request: BuildRequest): Promise<ImageConfig | undefined> {
	const {epoch, context} = request;
	try {
		return (await resolveBase(base, {store, platform: platformOf(request), epoch: epoch.seconds, directory: context})).config;
	} catch (error) {
		if (!(error instanceof BuildError)) throw error;
		return undefined;
	}
}

/** What the ignore file leaves out; its own problems are findings, too. */
function ignoreRules({context, boxfilePath}: BuildRequest): {
	readonly ignoredBy?: (path: string) => Label | undefined;
	readonly diagnostics: readonly Diagnostic[];
} {
	const source = findIgnoreFile(context, boxfilePath);
	if (source === undefined) return {diagnostics: []};
	const {value: rules, diagnostics} = parseIgnore(source);
	if (rules === undefined) return {diagnostics};
	const ignoredBy = (path: string): Label | undefined => {
		const raw = rawOf(path);
		const by = mayPrune(rules, raw) ? matchIgnore(rules, raw).by : undefined;
		return by && {source, span: by.span};
	};
	return {ignoredBy, diagnostics};
}

/** What is wrong with a Boxfile is so for every platform: the first counts. */
function platformOf({platforms: [first], buildPlatform}: BuildRequest): Platform {
	return first ?? buildPlatform;
}
