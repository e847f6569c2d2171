import {chmodSync, lstatSync, lutimesSync, readdirSync, rmSync} from 'node:fs';
import {redactUrl} from '../core/redact-url.ts';
import {suggest} from '../core/suggest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {checksumMismatch, gitFailed, gitNoDirectory, gitNoRef} from '../diagnostics/remote.ts';
import {runGit} from '../host/run-git.ts';
import type {GitSource} from '../plan/plan.ts';
import {credentialsOf} from './url-credentials.ts';

const slash = Buffer.from('/');

/** The commit that the source means now; a whole commit is taken without asking the repository. */
export async function resolveCommit(source: GitSource, signal: AbortSignal): Promise<string> {
	const {repository, ref = 'HEAD', checksum} = source;
	const shown = redactUrl(repository);
	const commit = /^[0-9a-f]{40}$/v.test(ref) ? ref : await listedCommit(source, ref, signal);
	if (checksum !== undefined && !commit.startsWith(checksum)) throw new BuildError(checksumMismatch(shown, checksum, commit));
	return commit;
}

/** Branches win over tags, and a tag means the commit that it is about (as in BuildKit). */
async function listedCommit({repository}: GitSource, ref: string, signal: AbortSignal): Promise<string> {
	const shown = redactUrl(repository);
	const {url, settings} = separateCredentials(repository);
	const list = async (...patterns: readonly string[]): Promise<ReadonlyMap<string, string>> => {
		const ended = await runGit(['ls-remote', '--', url, ...patterns], {signal, settings});
		if (!ended.ok) throw new BuildError(gitFailed(shown, 'read', ended.lines.map(redactUrl)));
		const lines = ended.stdout.split('\n').map((line) => line.split('\t'));
		return new Map(lines.map(([commit = '', name = '']) => [name, commit]));
	};
	const listed = await list(ref, `${ref}^{}`);
	const candidates = [`${ref}^{}`, ref, `refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/${ref}`];
	const commit = candidates.map((name) => listed.get(name)).find((found) => found !== undefined);
	if (commit === undefined || !/^[0-9a-f]{40}$/v.test(commit)) {
		const all = await list();
		throw new BuildError(gitNoRef(shown, ref, suggest(shortRef(ref), new Set([...all.keys()].map(shortRef)))));
	}
	return commit;
}

/** A branch or tag as people call it. */
function shortRef(name: string): string {
	return name.replace(/^refs\/(?:heads|tags)\//v, '').replace(/\^\{\}$/v, '');
}

/** Checks a commit out into a directory that does not exist yet; returns the directory that the source names, which is a real one. */
export async function checkOut(
	source: GitSource,
	commit: string,
	{directory, signal}: {directory: string; signal: AbortSignal},
): Promise<string> {
	const {repository, ref, subdir, keepGitDir, submodules = true} = source;
	const shown = redactUrl(repository);
	const {url, settings} = separateCredentials(repository);
	const git = (...args: string[]): ReturnType<typeof runGit> => runGit(args, {signal, settings});
	const must = async (task: string, ...args: string[]): Promise<void> => {
		const ended = await git(...args);
		if (!ended.ok) throw new BuildError(gitFailed(shown, task, ended.lines.map(redactUrl)));
	};
	await must('prepare for', 'init', '--quiet', '--template=', '--initial-branch=main', '--', directory);
	const at = ['-C', directory];
	// Relative URLs of submodules start there.
	await must('prepare for', ...at, 'remote', 'add', '--', 'origin', url);
	const isThere = async (): Promise<boolean> => (await git(...at, 'cat-file', '-e', `${commit}^{commit}`)).ok;
	// Servers may refuse a bare commit, and simple web servers know no shallow copies.
	for (const wanted of [commit, ref ?? 'HEAD']) {
		if (!(await isThere())) await git(...at, 'fetch', '--quiet', '--no-tags', '--depth=1', '--', url, wanted);
	}
	if (!(await isThere())) {
		await must('fetch', ...at, 'fetch', '--quiet', '--tags', '--', url, '+refs/heads/*:refs/remotes/origin/*');
		if (!(await isThere())) throw new BuildError(gitNoRef(shown, commit, undefined));
	}
	await must('check out', ...at, 'checkout', '--quiet', '--detach', commit, '--');
	if (submodules && lstatSync(`${directory}/.gitmodules`, {throwIfNoEntry: false})?.isFile() === true) {
		await must('fetch the submodules of', ...at, 'submodule', '--quiet', 'update', '--init', '--recursive', '--depth=1');
	}
	const time = Math.max(0, Number((await git(...at, 'show', '--no-patch', '--format=%ct', commit, '--')).stdout) || 0);
	rmSync(keepGitDir ? `${directory}/.git/FETCH_HEAD` : `${directory}/.git`, {recursive: true, force: true});
	setAttributes(Buffer.from(directory), time);
	return subdir === undefined ? directory : realDirectory(directory, subdir, shown);
}

/**
 * A commit knows only whether a file can be executed, and one time for all; the rest of a checkout's modes and times is who made it, and
 * when. `time` is in seconds since 1970.
 */
function setAttributes(path: Buffer, time: number): void {
	const stats = lstatSync(path);
	if (stats.isDirectory())
		for (const name of readdirSync(path, {encoding: 'buffer'})) setAttributes(Buffer.concat([path, slash, name]), time);
	if (!stats.isSymbolicLink()) chmodSync(path, stats.isDirectory() || (stats.mode & 0o100) !== 0 ? 0o755 : 0o644);
	lutimesSync(path, time, time);
}

/** Every component must be a directory: a symbolic link could lead out of the repository (CVE-2026-44517). */
function realDirectory(directory: string, subdir: string, shown: string): string {
	let at = directory;
	for (const part of subdir.split('/')) {
		at = `${at}/${part}`;
		const stats = part === '..' ? undefined : lstatSync(at, {throwIfNoEntry: false});
		if (stats?.isDirectory() === true) continue;
		const kind = stats === undefined ? 'does not exist' : stats.isSymbolicLink() ? 'is a symbolic link' : 'is not a directory';
		throw new BuildError(gitNoDirectory(shown, subdir, `\`${part}\` ${kind}`));
	}
	return at;
}

/** The URL as it may stand in command lines and configuration files, and the setting that brings the credentials to its own origin only. */
function separateCredentials(repository: string): {readonly url: string; readonly settings: Readonly<Record<string, string>>} {
	if (!/^https?:/iv.test(repository) || !URL.canParse(repository)) return {url: repository, settings: {}};
	const url = new URL(repository);
	const credentials = credentialsOf(url);
	if (credentials === undefined) return {url: repository, settings: {}};
	url.username = '';
	url.password = '';
	return {
		url: url.href,
		settings: {[`http.${url.origin}/.extraHeader`]: `Authorization: Basic ${Buffer.from(credentials).toString('base64')}`},
	};
}
