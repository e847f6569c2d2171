import type {Span} from '../core/source.ts';
import type {GitSource} from '../plan/plan.ts';
import {type GitQuery, parseGitQuery} from './git-query.ts';
import {climbsOut} from './resolve-path.ts';

/** What the instruction says besides the address; undefined is what it does not say. */
interface Flags {
	readonly span: Span;
	readonly keepGitDir: boolean | undefined;
	readonly checksum: string | undefined;
}

/** Reads `REPOSITORY[?QUERY][#[REF][:SUBDIR]]`; a text is what is wrong with it. */
export function parseGitSource(text: string, {span, keepGitDir, checksum}: Flags): GitSource | string {
	const [address, fragment] = cut(text, '#');
	const [repository, queryText] = cut(address, '?');
	const [fragmentRef, fragmentSubdir] = cut(fragment, ':');
	const query = parseGitQuery(queryText);
	if (typeof query === 'string') return query;
	const conflict =
		conflictOf('the reference', query.ref, fragmentRef === '' ? undefined : fragmentRef) ??
		conflictOf('the directory', query.subdir, fragmentSubdir === '' ? undefined : fragmentSubdir) ??
		conflictOf('the checksum', query.checksum, checksum) ??
		conflictOf('`keep-git-dir`', query.keepGitDir, keepGitDir);
	if (conflict !== undefined) return conflict;
	const wanted = {...query, ...(checksum === undefined ? {} : {checksum})};
	const ref = query.ref ?? (fragmentRef === '' ? commitOf(query) : fragmentRef);
	const subdir = query.subdir ?? fragmentSubdir;
	const problem = repositoryProblem(repository) ?? refProblem(ref ?? '') ?? subdirProblem(subdir);
	if (problem !== undefined) return problem;
	const parts = subdir.split('/').filter((part) => part !== '' && part !== '.');
	return {
		kind: 'git',
		repository,
		...(ref === undefined ? {} : {ref}),
		...(parts.length === 0 ? {} : {subdir: parts.join('/')}),
		keepGitDir: keepGitDir ?? query.keepGitDir ?? false,
		...(query.submodules === false ? {submodules: false} : {}),
		...(wanted.checksum === undefined ? {} : {checksum: wanted.checksum}),
		span,
	};
}

/** The text before and after the first separator. */
function cut(text: string, separator: string): readonly [before: string, after: string] {
	const at = text.indexOf(separator);
	return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** A whole commit in the query is also what is taken when nothing else says it (as in BuildKit). */
function commitOf({checksum}: GitQuery): string | undefined {
	return checksum?.length === 40 ? checksum : undefined;
}

function conflictOf(what: string, query: string | boolean | undefined, other: string | boolean | undefined): string | undefined {
	if (query === undefined || other === undefined || query === other) return undefined;
	return `${what} is \`${query}\` in the query of the URL, and \`${other}\` elsewhere`;
}

/** What git would take as an option must not come near it (CVE-2017-1000117 and its kin). */
function repositoryProblem(text: string): string | undefined {
	const host = /^[a-z]+:\/\/(?:[^@\/]*@)?([^:\/]*)/iv.exec(text)?.[1] ?? /@([^:]*)/v.exec(text)?.[1] ?? '';
	if (text.startsWith('-') || !/^[A-Za-z0-9\[]/v.test(host)) return 'the host of a repository begins with a letter or a digit';
	// oxlint-disable-next-line no-control-regex -- control characters are what is refused
	return /[\x00-\x20\x7f]/.test(text) ? 'a repository has no white space or control characters' : undefined;
}

/** The characters of git-check-ref-format(1). */
function refProblem(ref: string): string | undefined {
	if (ref.startsWith('-')) return 'a branch, tag or commit does not begin with `-`';
	// oxlint-disable-next-line no-control-regex
	return /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/$|\.lock$/.test(ref) ? `\`${ref}\` is no name of a branch, tag or commit` : undefined;
}

function subdirProblem(subdir: string): string | undefined {
	return climbsOut(subdir.replace(/^\/+/v, '')) ? 'the directory behind the `:` lies outside the repository' : undefined;
}
