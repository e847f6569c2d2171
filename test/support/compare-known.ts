export interface KnownDifference {
	/** Members of the configuration, paths, or `outcome`: whether the build succeeds. */
	readonly subjects: readonly string[];
	readonly why: string;
}

const scratch: KnownDifference = {subjects: ['WorkingDir'], why: 'BuildKit, too, sets the directory of what starts from scratch'};
const cleaned: KnownDifference = {subjects: ['WorkingDir'], why: 'BuildKit, too, writes cleaned paths'};

const replaced: KnownDifference = {subjects: ['outcome'], why: 'BuildKit, too, refuses to replace files with directories and the reverse'};
const noVolume = 'BuildKit makes no directories for VOLUME';

/** Differences from buildah that are meant, for each case. */
export const knownDifferences: Readonly<Record<string, KnownDifference>> = {
	'fails-copy-chown-group-only': {subjects: ['outcome'], why: 'the reference knows no group without a user: an error instead of a guess'},
	'fails-copy-dotdot': {subjects: ['outcome'], why: 'a file that is not the one in the line would be copied: an error says so'},
	'fails-copy-dir-onto-file-inside': replaced,
	'fails-copy-dir-onto-link-inside': replaced,
	'fails-copy-file-onto-dir-inside': replaced,
	'cmd-exec-not-expanded': {subjects: ['/base'], why: noVolume},
	'copy-dot-destination': cleaned,
	'copy-onto-dangling': {
		subjects: ['/nowhere', '/nowhere/a.txt'],
		why: 'the name that the link has is free: the file gets it; buildah makes a directory of it',
	},
	'escape-directive': {
		subjects: ['Env'],
		why: 'the reference has the directive hold for all of the file; this buildah expands with backslashes',
	},
	'copy-file-onto-filelink': {
		subjects: ['/file', '/filelink'],
		why: 'BuildKit, too, follows a link at the destination inside the root; buildah replaces it',
	},
	expose: {subjects: ['ExposedPorts'], why: 'BuildKit, too, writes a range as its ports'},
	'expose-protocol-case': {subjects: ['ExposedPorts'], why: 'BuildKit, too, writes protocols in lower case'},
	'from-hard-links': scratch,
	'from-link-source': scratch,
	'scratch-config': scratch,
	'run-hard-links': {subjects: ['/h1', '/h2'], why: 'each RUN is a layer, and overlayfs breaks hard links into lower layers'},
	'shell-form': {subjects: ['Cmd', 'Entrypoint'], why: 'the reference has SHELL hold for CMD and ENTRYPOINT; this buildah forgets it'},
	volume: {subjects: ['/json', '/with space'], why: noVolume},
	'volume-then-write': {
		subjects: ['/vol/x'],
		why: 'the reference: BuildKit keeps what steps write to volumes, the legacy builder discards it',
	},
	'workdir-file-parent': cleaned,
	'workdir-trailing-slash': cleaned,
};
