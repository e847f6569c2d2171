import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** What most builds do: parse, copy, run, on files of this machine, so that nothing else is needed. */
const boxfile = `# syntax=docker/dockerfile:1
ARG VERSION=1
FROM host AS build
ENV NAME=value PATH=$PATH:/opt
WORKDIR /src
COPY --chmod=644 *.txt ./
RUN echo "$NAME" > out && mkdir -p many/dir && head -c 9000000 /dev/zero > many/dir/file
RUN <<EOF
cat out
EOF
FROM scratch
LABEL version=$VERSION
COPY --from=build /src/out /src/many /
COPY large /
USER 1000
EXPOSE 80
ENTRYPOINT ["/out"]
CMD ["--help"]
`;

/**
 * Writes NAME.cache beside the bundles NAME.js of a directory: what V8 has compiled of each when a small image has been built. `programs` are those
 * that are started. Functions that
 * this machine cannot run (no user namespaces, for example) are missing in it, and are compiled when they are first called.
 */
export function makeCodeCaches(bin, programs, names) {
	// Not in /tmp: the bundles look for their packages above themselves.
	const directory = mkdtempSync(join(bin, '..', 'making-'));
	try {
		const making = join(directory, 'bin');
		mkdirSync(making, {recursive: true});
		for (const name of names) cpSync(join(bin, `${name}.js`), join(making, `${name}.js`));
		for (const name of programs) writeFileSync(join(making, `${name}.cjs`), recorder(name));
		mkdirSync(join(directory, 'context'));
		writeFileSync(join(directory, 'context', 'Boxfile'), boxfile);
		for (const name of ['one', 'two']) writeFileSync(join(directory, 'context', `${name}.txt`), name);
		// Too much for the thread of the messages.
		writeFileSync(join(directory, 'context', 'large'), Buffer.alloc(9 << 20));
		const args = ['build', '--store', join(directory, 'store'), '-t', 'made', join(directory, 'context')];
		const env = {...process.env};
		delete env.NODE_EXTRA_CA_CERTS;
		const build = () => spawnSync(process.execPath, [join(making, 'boxbuild.cjs'), ...args], {env});
		build();
		// The command's cache is that of a build of hits, which is over sooner than a larger one is read. In other builds it waits for the worker anyway.
		rmSync(join(making, 'boxbuild.cache'), {force: true});
		build();
		for (const name of names) {
			const made = join(making, `${name}.cache`);
			if (existsSync(made)) cpSync(made, join(bin, `${name}.cache`));
		}
	} finally {
		rmSync(directory, {recursive: true, force: true});
	}
}

/** A program that loads a bundle and keeps what is compiled: when it ends, and every now and then, because a thread may just be gone. */
function recorder(name) {
	const loader = new URL('../../src/load-bundle.cjs', import.meta.url).pathname;
	return `const {writeFileSync, renameSync} = require('node:fs');
const scripts = new Map();
require(${JSON.stringify(loader)})(__dirname + ${JSON.stringify(`/${name}`)}, (path, script) => scripts.set(path, script));
const keep = () => {
	for (const [path, script] of scripts) {
		const file = path + '.cache.' + process.pid;
		writeFileSync(file, script.createCachedData());
		renameSync(file, path + '.cache');
	}
};
process.on('exit', keep);
if (!require('node:worker_threads').isMainThread) setInterval(keep, 20).unref();
`;
}
