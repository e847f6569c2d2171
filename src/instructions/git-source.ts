import type {Span} from '../core/source.ts';
import type {GitSource} from '../plan/plan.ts';
import {climbsOut} from './resolve-path.ts';

interface Flags {
	readonly span: Span;
	readonly keepGitDir: boolean;
	readonly checksum: string | undefined;
}

/** Reads `REPOSITORY[#[REF][:SUBDIR]]`; a text is what is wrong with it. */
export function parseGitSource(text: string, {span, keepGitDir, checksum}: Flags): GitSource | string {
	const hash = text.indexOf('#');
	const repository = hash === -1 ? text : text.slice(0, hash);
	const fragment = hash === -1 ? '' : text.slice(hash + 1);
	const colon = fragment.indexOf(':');
	const ref = colon === -1 ? fragment : fragment.slice(0, colon);
	const subdir = colon === -1 ? '' : fragment.slice(colon + 1);
	const problem = repositoryProblem(repository) ?? refProblem(ref) ?? subdirProblem(subdir);
	if (problem !== undefined) return problem;
	const parts = subdir.split('/').filter((part) => part !== '' && part !== '.');
	return {
		kind: 'git',
		repository,
		...(ref === '' ? {} : {ref}),
		...(parts.length === 0 ? {} : {subdir: parts.join('/')}),
		keepGitDir,
		...(checksum === undefined ? {} : {checksum}),
		span,
	};
}

/** What git would take as an option must not come near it (CVE-2017-1000117 and its kin). */
function repositoryProblem(text: string): string | undefined {
	const host = /^[a-z]+:\/\/(?:[^@\/]*@)?([^:\/]*)/iv.exec(text)?.[1] ?? /@([^:]*)/v.exec(text)?.[1] ?? '';
	if (text.startsWith('-') || !/^[A-Za-z0-9\[]/v.test(host)) return 'the host of a repository begins with a letter or a digit';
	// oxlint-disable-next-line no-control-regex
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
