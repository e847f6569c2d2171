import {statSync} from 'node:fs';
import {resolve} from 'node:path';
import {redactUrl} from '../core/redact-url.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {cliBadValue} from '../diagnostics/cli.ts';
import {contextNotDirectory} from '../diagnostics/context.ts';
import type {RemoteContext, WantedContexts} from '../executor/received-context.ts';
import {parseGitSource} from '../instructions/git-source.ts';
import {isGitRepository, isRemote} from '../instructions/remote-source.ts';
import {type NamedContext, parseNamedContext, shortName} from '../plan/named-context.ts';

/** The main context: a directory, `-` for standard input, a git repository or an http URL. */
export function parseMainContext(text: string): WantedContexts['main'] {
	if (text === '-') return {kind: 'input'};
	const remote = parseRemote(text);
	if (typeof remote === 'string')
		throw new BuildError(cliBadValue('CONTEXT', redactUrl(text), `a directory, a URL or \`-\`, and ${remote}`));
	return remote ?? {kind: 'directory', path: text};
}

/** `--build-context NAME=SOURCE`. Names are compared without letter case; paths are relative to where the command runs. */
export function parseNamedContexts(values: readonly string[]): WantedContexts['named'] {
	const found: Record<string, WantedContexts['named'][string]> = {};
	for (const option of values) {
		const bad = (expected: string): BuildError => new BuildError(cliBadValue('--build-context', redactUrl(option), expected));
		const equals = option.indexOf('=');
		const name = option.slice(0, Math.max(0, equals));
		const text = option.slice(equals + 1);
		if (!/^[\w.\-:\/]+$/v.test(name) || text === '') throw bad('NAME=SOURCE');
		const remote = parseRemote(text);
		if (typeof remote === 'string') throw bad(`NAME=SOURCE, and ${remote}`);
		const context = remote === undefined ? parseNamedContext(text) : {...remote, option};
		if (context.kind === 'bad') throw bad(`NAME=SOURCE, and ${context.reason}`);
		found[shortName(name)] = context.kind === 'base' || context.kind === 'directory' ? absolute(context) : context;
	}
	return found;
}

/** Undefined for what is no address of something elsewhere; a text is what is wrong with an address. */
function parseRemote(text: string): RemoteContext | string | undefined {
	if (!isRemote(text)) return undefined;
	if (isGitRepository(text)) {
		const source = parseGitSource(text, {span: {start: 0, end: 0}, keepGitDir: undefined, checksum: undefined});
		return typeof source === 'string' ? source : {kind: 'repository', source};
	}
	if (!/^https?:/iv.test(text)) return 'a URL is that of a git repository, or one of http or https';
	return URL.canParse(text) ? {kind: 'url', url: text} : 'this is no URL';
}

function absolute(context: NamedContext): NamedContext {
	if (context.kind === 'base') {
		const {base} = context;
		return 'path' in base ? {kind: 'base', base: {...base, path: resolve(base.path)}} : context;
	}
	const path = resolve(context.path);
	if (statSync(path, {throwIfNoEntry: false})?.isDirectory() !== true)
		throw new BuildError(contextNotDirectory(context.path, 'there is no such directory'));
	return {kind: 'directory', path};
}
