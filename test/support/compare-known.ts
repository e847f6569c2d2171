export interface KnownDifference {
	/** Members of the configuration, paths, or `outcome`: whether the build succeeds. */
	readonly subjects: readonly string[];
	readonly why: string;
}

const scratch: KnownDifference = {subjects: ['WorkingDir'], why: 'BuildKit, too, sets the directory of what starts from scratch'};
const cleaned: KnownDifference = {subjects: ['WorkingDir'], why: 'BuildKit, too, writes cleaned paths'};

const replaced: KnownDifference = {subjects: ['outcome'], why: 'BuildKit, too, refuses to replace files with directories and the reverse'};
const noVolume = 'BuildKit makes no directories for VOLUME';
const volumeDiscarded = 'the reference: BuildKit keeps what steps write to volumes, the legacy builder discards it';
const layers = 'each RUN is a layer, and one name of a hard link is changed or deleted in another one';
const isolation =
	"steps have processes, mounts, capabilities and descriptors of their own, as BuildKit's have; not so with chroot isolation";
const atItsPlace: KnownDifference = {subjects: ['Env'], why: 'BuildKit, too, leaves a changed variable where it stands'};
const argOfLater = 'BuildKit, too, lets an ARG behind an ENV of the same name win';
const shellHolds = 'the reference has SHELL hold for CMD and ENTRYPOINT; this buildah forgets it';

/** By the name of the case. */
export type KnownDifferences = Readonly<Record<string, KnownDifference>>;

/** Differences from buildah that are meant. */
export const buildahDifferences: KnownDifferences = {
	'arg-and-env': {subjects: ['/x', 'Env'], why: argOfLater},
	'arg-of-environment': {subjects: ['/out', 'Labels'], why: argOfLater},
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
	'shell-form': {subjects: ['Cmd', 'Entrypoint'], why: shellHolds},
	volume: {subjects: ['/json', '/with space'], why: noVolume},
	'volume-then-write': {subjects: ['/vol/x'], why: volumeDiscarded},
	'workdir-file-parent': cleaned,
	'workdir-trailing-slash': cleaned,
	'add-archive-chown': {
		subjects: ['/new/x/file', '/new/x/p'],
		why: 'BuildKit since 0.23, too, gives what an archive holds to the user of --chown',
	},
	'arg-parent-stage': {subjects: ['/out', 'Env'], why: 'the reference: a stage inherits the arguments of the stage that it starts from'},
	'copy-onto-fifo': {subjects: ['outcome'], why: 'BuildKit, too, replaces a named pipe'},
	'copy-onto-hard-link': {subjects: ['/second'], why: layers},
	'copy-unusual-modes': {
		subjects: ['/u/private/setgid', '/u/private/setuid', '/u/setgid'],
		why: 'BuildKit, too, keeps setuid and setgid of files of the context; this buildah loses them',
	},
	'copy-wildcard-none': {subjects: ['outcome'], why: 'BuildKit, too, copies nothing where a pattern matches nothing'},
	'env-path': atItsPlace,
	'env-special-names': {subjects: ['Env'], why: 'BuildKit, too, takes one character behind the dollar for a name'},
	'escape-backtick': {subjects: ['outcome'], why: 'the directive holds for all of the file; this buildah goes on to read backslashes'},
	'expose-forms': {subjects: ['ExposedPorts'], why: 'BuildKit, too, writes a range as its ports'},
	'expose-mapping': {subjects: ['ExposedPorts'], why: 'BuildKit, too, keeps the port of the container'},
	'from-image': scratch,
	'from-own-root': scratch,
	'from-upper-case-name': {subjects: ['outcome'], why: 'names of stages know no case'},
	'run-capabilities': {subjects: ['/root-status', '/tmp/user-status'], why: isolation},
	'run-descriptors': {subjects: ['/count'], why: isolation},
	'run-hard-link-then-delete': {subjects: ['/h2'], why: layers},
	'run-mounts-seen': {subjects: ['/out'], why: isolation},
	'run-path-from-base': atItsPlace,
	'run-process-number': {subjects: ['/out'], why: isolation},
	'scratch-labels': scratch,
	'shell-inherited': {subjects: ['Cmd'], why: shellHolds},
	'shell-not-for-json': {subjects: ['Entrypoint'], why: shellHolds},
	'volume-forms': {subjects: ['/x'], why: noVolume},
	'volume-kept-files': {subjects: ['/vol/one', '/vol/two'], why: volumeDiscarded},
	'volume-stage': {subjects: ['/list', '/vol/f'], why: volumeDiscarded},
};

const anError = 'an error that says what is wrong, instead of a guess';
const modeBits: (...subjects: readonly string[]) => KnownDifference = (...subjects) => ({
	subjects,
	why: 'newer BuildKit, too, has --chmod decide about setuid, setgid and sticky',
});
const mountPoint: (...subjects: readonly string[]) => KnownDifference = (...subjects) => ({
	subjects,
	why: 'newer BuildKit, too, removes the directory that it made to mount on',
});
const groups: (subject: string) => KnownDifference = (subject) => ({
	subjects: [subject],
	why: 'newer BuildKit, too, gives a step the groups that /etc/group lists its user in',
});
const newerCleans: KnownDifference = {subjects: ['WorkingDir'], why: 'newer BuildKit, too, writes cleaned paths'};

/** Differences from the BuildKit of dockerd 20.10 that are meant. */
export const buildkitDifferences: KnownDifferences = {
	'add-archive-chown': {
		subjects: ['/new/x/file', '/new/x/p'],
		why: 'BuildKit since 0.23, too, gives what an archive holds to the user of --chown',
	},
	'copy-chmod-special': modeBits('/new'),
	'copy-dot-destination': newerCleans,
	'copy-unusual-modes-chmod': modeBits('/u/private/setgid', '/u/private/setuid', '/u/setgid', '/u/sticky'),
	'fails-several-onto-file': {subjects: ['outcome'], why: 'the reference: the destination of several sources ends with a slash'},
	'fails-unknown-chown': {subjects: ['outcome'], why: `${anError}: BuildKit gives the files to root`},
	'from-chmod': modeBits('/x/f'),
	'from-special-files': {subjects: ['/x/fifo'], why: 'newer BuildKit, too, copies named pipes'},
	'ignore-last-wins': {
		subjects: ['/all/dir'],
		why: 'the reference: the last pattern that matches decides; this BuildKit sends an empty directory because of the one before',
	},
	'run-mount-bind': mountPoint('/context'),
	'run-mount-new-target': mountPoint('/new', '/new/deep', '/new/deep/target'),
	'run-mount-relative-target': mountPoint('/w/sub'),
	'run-setgid-dir': {
		subjects: ['/sg/c', '/sg/wd'],
		why: 'the reference: what COPY and WORKDIR make belongs to user and group 0; BuildKit lets the kernel hand down the group',
	},
	'user-back-to-root': groups('/id'),
	'user-name': groups('/tmp/id'),
	'user-number-of-passwd': groups('/tmp/id'),
	'workdir-file-parent': newerCleans,
	'workdir-trailing-slash': newerCleans,
};
