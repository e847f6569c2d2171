import {parseHeredocStart} from '../../grammar/heredoc.ts';
import {redactUrl} from '../core/redact-url.ts';
import {safeName} from '../core/safe-name.ts';
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
	readonly remote?: {readonly keepGitDir: boolean; readonly checksum: string | undefined};
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
	const heredoc = heredocs.find(({name}) => name === start?.name);
	if (heredoc !== undefined) {
		const body = chomp(heredoc);
		const content = heredoc.expand ? expandBody({text: body, span: heredoc.span}, state, context) : body;
		return content === undefined ? undefined : {text: `<<${heredoc.name}`, source: {kind: 'inline', name: heredoc.name, content}};
	}
	const path = expandArgument(item, state, context);
	if (path === undefined) return undefined;
	if (flags.remote === undefined || !isRemote(path))
		return {text: path, source: {kind: 'path', pattern: patternOf(path, flags), span: item.span}};
	const source = isGitRepository(path)
		? parseGitSource(path, {span: item.span, ...flags.remote})
		: parseUrl(path, {span: item.span, checksum: flags.remote.checksum});
	if (typeof source !== 'string') return {text: redactUrl(path), source};
	context.report(
		badValue({source: context.source, span: item.span}, {message: `\`${redactUrl(path)}\` is no source of ADD`, because: source}),
	);
	return undefined;
}

/** A relative path that climbs out stays as it is: whoever selects files refuses it, instead of taking another file of that name. */
function patternOf(path: string, {parents}: SourceFlags): string {
	const cut = parents ? path.indexOf('/./') : -1;
	if (cut === -1) return !path.startsWith('/') && climbsOut(path) ? path : resolveIn(undefined, path).slice(1);
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
