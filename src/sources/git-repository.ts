import {chmodSync, lstatSync, lutimesSync, readdirSync, rmSync} from 'node:fs';
import {redactUrl} from '../core/redact-url.ts';
import {suggest} from '../core/suggest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {checksumMismatch, gitFailed, gitHostKey, gitNoDirectory, gitNoRef, gitSshDenied, gitSshMissing} from '../diagnostics/remote.ts';
import {runGit} from '../host/run-git.ts';
import {isSshRepository} from '../instructions/remote-source.ts';
import type {GitSource} from '../plan/plan.ts';
import {credentialsOf} from '../http/url-credentials.ts';

const slash = Buffer.from('/');

export interface GitAccess {
	readonly signal: AbortSignal;
	/** Socket of the SSH agent for this repository. */
	readonly agent?: string | undefined;
}

/** The commit that the source means now; a whole commit is taken without asking the repository. */
export async function resolveCommit(source: GitSource, access: GitAccess): Promise<string> {
	const {repository, ref = 'HEAD', checksum} = source;
	const shown = redactUrl(repository);
	const commit = /^[0-9a-f]{40}$/v.test(ref) ? ref : await listedCommit(source, ref, access);
	if (checksum !== undefined && !commit.startsWith(checksum)) throw new BuildError(checksumMismatch(shown, checksum, commit));
	return commit;
}

/** Branches win over tags, and a tag means the commit that it is about (as in BuildKit). */
async function listedCommit({repository}: GitSource, ref: string, access: GitAccess): Promise<string> {
	const shown = redactUrl(repository);
	const {url, settings} = separateCredentials(repository);
	const list = async (...patterns: readonly string[]): Promise<ReadonlyMap<string, string>> => {
		const ended = await runGit(['ls-remote', '--', url, ...patterns], {...access, settings});
		if (!ended.ok) throw new BuildError(explainGit(repository, 'read', ended.lines, access));
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
	{directory, ...access}: GitAccess & {readonly directory: string},
): Promise<string> {
	const {repository, ref, subdir, keepGitDir, submodules = true} = source;
	const shown = redactUrl(repository);
	const {url, settings} = separateCredentials(repository);
	const git = (...args: string[]): ReturnType<typeof runGit> => runGit(args, {...access, settings});
	const must = async (task: string, ...args: string[]): Promise<void> => {
		const ended = await git(...args);
		if (!ended.ok) throw new BuildError(explainGit(repository, task, ended.lines, access));
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

/** What git said, and for what SSH says the thing to do. */
function explainGit(repository: string, task: string, said: readonly string[], {agent}: GitAccess): Diagnostic {
	const shown = redactUrl(repository);
	const lines = said.map(redactUrl);
	if (isSshRepository(repository)) {
		const about = {repository: shown, host: sshHost(repository), output: lines};
		if (lines.some((line) => line.includes('Host key verification failed'))) return gitHostKey(about);
		if (lines.some((line) => /Permission denied|Too many authentication failures/v.test(line)))
			return gitSshDenied({...about, hasAgent: agent !== undefined});
		if (lines.some((line) => /\bssh: (?:not found|No such file)|ssh: command not found/v.test(line))) return gitSshMissing(shown);
	}
	return gitFailed(shown, task, lines.slice(-5));
}

/** `HOST`, or `-p PORT HOST` as ssh-keyscan(1) takes it. */
function sshHost(repository: string): string {
	const [, name = '', port] =
		/^ssh:\/\/(?:[^@\/]*@)?(\[[^\]]*\]|[^:\/]*)(?::(\d+))?/iv.exec(repository) ?? /@([^:]*):/v.exec(repository) ?? [];
	const host = name.replace(/^\[(.*)\]$/v, '$1');
	return port === undefined ? host : `-p ${port} ${host}`;
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
