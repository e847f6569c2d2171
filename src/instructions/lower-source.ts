import {parseHeredocStart} from '../../grammar/heredoc.ts';
import {redactUrl} from '../core/redact-url.ts';
import {safeName} from '../core/safe-name.ts';
import {sourceOutside} from '../diagnostics/context.ts';
import {badValue} from '../diagnostics/instruction.ts';
import type {Argument, Instruction} from '../language/ast.ts';
import type {CopySource, UrlSource} from '../plan/plan.ts';
import {expandArgument, expandBody} from './expand-argument.ts';
import {parseGitSource} from './git-source.ts';
import {chomp} from './heredoc-body.ts';
import type {Surroundings} from './copy-flag-values.ts';
import {isGitRepository, isRemote} from './remote-source.ts';
import {climbsOut, resolveIn} from './resolve-path.ts';

/** A source and how it was written, variables replaced. */
export interface Written {
	readonly text: string;
	readonly source: CopySource;
}

/** Flags that change what a source means. */
export interface SourceFlags {
	/** Undefined for COPY, which knows no remote sources. */
	readonly remote?: {readonly keepGitDir: boolean | undefined; readonly checksum: string | undefined};
	readonly parents: boolean;
}

/** One source of COPY or ADD; undefined when it has been reported. */
export function lowerSource(
	item: Argument,
	{args, heredocs}: Instruction,
	around: Surroundings & {readonly flags: SourceFlags},
): Written | undefined {
	const {state, context, flags} = around;
	const start = args.form === 'json' ? undefined : parseHeredocStart(item.text);
	const heredoc = heredocs.findLast(({name}) => name === start?.name);
	if (heredoc !== undefined) {
		const body = chomp(heredoc);
		const content = heredoc.expand ? expandBody({text: body, span: heredoc.span}, state, context) : body;
		return content === undefined ? undefined : {text: `<<${heredoc.name}`, source: {kind: 'inline', name: heredoc.name, content}};
	}
	const path = expandArgument(item, state, context);
	if (path === undefined) return undefined;
	if (!isRemote(path)) {
		const pattern = patternOf(path, flags);
		if (!path.startsWith('/') && climbsOut(path)) context.report(sourceOutside({source: context.source, span: item.span}, path, pattern));
		return {text: path, source: {kind: 'path', pattern, span: item.span}};
	}
	if (flags.remote === undefined) {
		const problem = {message: `COPY cannot take \`${redactUrl(path)}\``, because: 'it is not a path', help: 'write ADD instead of COPY'};
		context.report(badValue({source: context.source, span: item.span}, problem));
		return undefined;
	}
	const source = isGitRepository(path)
		? parseGitSource(path, {span: item.span, ...flags.remote})
		: parseUrl(path, {span: item.span, checksum: flags.remote.checksum});
	if (typeof source !== 'string') return {text: redactUrl(path), source};
	context.report(
		badValue({source: context.source, span: item.span}, {message: `\`${redactUrl(path)}\` is no source of ADD`, because: source}),
	);
	return undefined;
}

/** The path below the root; `..` do not lead above it. */
function patternOf(path: string, {parents}: SourceFlags): string {
	const cut = parents ? path.indexOf('/./') : -1;
	if (cut === -1) return resolveIn(undefined, path).slice(1);
	const below = patternOf(path.slice(cut + 3), {parents: false});
	return `${patternOf(path.slice(0, cut), {parents: false})}/./${below}`;
}

function parseUrl(text: string, {span, checksum}: Pick<UrlSource, 'span'> & {readonly checksum: string | undefined}): UrlSource | string {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url === undefined) return 'it is not a URL';
	if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'ADD knows http, https and git';
	return {kind: 'url', url: text, name: nameOf(url) ?? '__unnamed__', ...(checksum === undefined ? {} : {checksum}), span};
}

function nameOf({pathname}: URL): string | undefined {
	try {
		return safeName(decodeURIComponent(pathname));
	} catch {
		// A `%` that encodes nothing stands for itself.
		return safeName(pathname);
	}
}
