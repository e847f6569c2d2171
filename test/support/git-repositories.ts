import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {answerWithGit, startLoopbackServer} from './loopback-server.ts';
import type {Requirement} from './requirement.ts';
import {debianProgram, program} from './requirements.ts';
import {writeFiles, type Workplace} from './workplace.ts';

const backend = '/usr/lib/git-core/git-http-backend';

/** git, and what serves its repositories over HTTP. */
export const servedGit: Requirement = existsSync(backend) ? debianProgram('git') : program('git-http-backend', 'apt-get install git');

export interface Repositories {
	readonly directory: string;
	readonly first: string;
	readonly second: string;
	/** Adds a branch `whole` that has the repository itself as its submodule `part`. */
	addSubmodule(): void;
}

/** `tool.git` with two commits of 2021-02-03 04:05:06 UTC, a tag, a branch, and links that lead out. */
export function makeRepositories(place: Workplace): Repositories {
	const directory = place.fresh('repositories');
	const work = place.fresh('work');
	for (const path of [directory, work]) mkdirSync(path);
	git(work, 'init', '--quiet');
	writeFiles(work, {README: 'one\n', 'src/main': 'main\n', 'bin/tool': 'tool\n', Boxfile: 'FROM scratch\nCOPY src /s\n'});
	symlinkSync('/etc', `${work}/etc`);
	symlinkSync('..', `${work}/src/up`);
	git(work, 'add', '.');
	git(work, 'commit', '--quiet', '-m', 'one');
	git(work, 'tag', '-a', '-m', 'v1', 'v1');
	const first = git(work, 'rev-parse', 'HEAD');
	writeFileSync(`${work}/README`, 'two\n');
	git(work, 'commit', '--quiet', '-a', '-m', 'two');
	git(work, 'branch', 'later');
	const second = git(work, 'rev-parse', 'HEAD');
	git(work, 'clone', '--quiet', '--bare', '.', `${directory}/tool.git`);
	git(`${directory}/tool.git`, 'update-server-info');
	return {
		directory,
		first,
		second,
		addSubmodule() {
			git(work, 'checkout', '--quiet', '-b', 'whole');
			// A relative URL is one beside the repository.
			writeFiles(work, {'.gitmodules': '[submodule "part"]\n\tpath = part\n\turl = ../tool.git\n'});
			git(work, 'add', '.gitmodules');
			git(work, 'update-index', '--add', '--cacheinfo', `160000,${second},part`);
			git(work, 'commit', '--quiet', '-m', 'whole');
			git(work, 'push', '--quiet', `${directory}/tool.git`, 'whole');
		},
	};
}

export function git(directory: string, ...args: string[]): string {
	const settings = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main', '-c', 'commit.gpgSign=false'];
	return execFileSync('git', [...settings, '-C', directory, ...args], {
		encoding: 'utf8',
		env: {...process.env, GIT_COMMITTER_DATE: '2021-02-03T04:05:06Z'},
		stdio: ['ignore', 'pipe', 'ignore'],
	}).trim();
}

/** Gives the URL of `tool.git` to `work`. */
export async function withServedRepositories(
	made: Repositories,
	work: (repository: string, made: Repositories) => Promise<void>,
): Promise<void> {
	const hub = await startLoopbackServer(answerWithGit(backend, made.directory));
	try {
		await work(`${hub.url}/tool.git`, made);
	} finally {
		hub.close();
	}
}
