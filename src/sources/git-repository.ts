import {chmodSync, lstatSync, readdirSync, rmSync} from 'node:fs';
import {redactUrl} from '../core/redact-url.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {checksumMismatch, gitFailed, gitNoDirectory, gitNoRef} from '../diagnostics/remote.ts';
import {runGit} from '../host/run-git.ts';
import type {GitSource} from '../plan/plan.ts';

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
	const ended = await runGit(['ls-remote', '--', url, ref, `${ref}^{}`], {signal, settings});
	if (!ended.ok) throw new BuildError(gitFailed(shown, 'read', ended.lines.map(redactUrl)));
	const listed = new Map(
		ended.stdout.split('\n').map((line) => {
			const [commit = '', name = ''] = line.split('\t');
			return [name, commit] as const;
		}),
	);
	const candidates = [`${ref}^{}`, ref, `refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/${ref}`];
	const commit = candidates.map((name) => listed.get(name)).find((found) => found !== undefined);
	if (commit === undefined || !/^[0-9a-f]{40}$/v.test(commit)) throw new BuildError(gitNoRef(shown, ref));
	return commit;
}

/** Checks a commit out into a directory that does not exist yet; returns the directory that the source names, which is a real one. */
export async function checkOut(
	source: GitSource,
	commit: string,
	{directory, signal}: {directory: string; signal: AbortSignal},
): Promise<string> {
	const {repository, ref, subdir, keepGitDir} = source;
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
		if (!(await isThere())) throw new BuildError(gitNoRef(shown, commit));
	}
	await must('check out', ...at, 'checkout', '--quiet', '--detach', commit, '--');
	if (lstatSync(`${directory}/.gitmodules`, {throwIfNoEntry: false})?.isFile() === true) {
		await must('fetch the submodules of', ...at, 'submodule', '--quiet', 'update', '--init', '--recursive', '--depth=1');
	}
	rmSync(keepGitDir ? `${directory}/.git/FETCH_HEAD` : `${directory}/.git`, {recursive: true, force: true});
	setModes(Buffer.from(directory));
	return subdir === undefined ? directory : realDirectory(directory, subdir, shown);
}

/** A commit knows only whether a file can be executed; the rest of a checkout's modes is the umask of whoever made it. */
function setModes(path: Buffer): void {
	const stats = lstatSync(path);
	if (stats.isSymbolicLink()) return;
	chmodSync(path, stats.isDirectory() || (stats.mode & 0o100) !== 0 ? 0o755 : 0o644);
	if (stats.isDirectory()) for (const name of readdirSync(path, {encoding: 'buffer'})) setModes(Buffer.concat([path, slash, name]));
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
	if (url.username === '' && url.password === '') return {url: repository, settings: {}};
	const credentials = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64');
	url.username = '';
	url.password = '';
	return {url: url.href, settings: {[`http.${url.origin}/.extraHeader`]: `Authorization: Basic ${credentials}`}};
}
