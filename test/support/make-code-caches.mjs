import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
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
 * that are started, NAME.cjs; they record while this runs. Functions that this machine cannot run (no user namespaces, for example) are missing
 * in the caches, and are compiled when they are first called.
 */
export function makeCodeCaches(bin, programs) {
	const work = mkdtempSync(join(tmpdir(), 'boxbuild-build-'));
	const recorded = programs.map((name) => ({file: join(bin, `${name}.cjs`), text: readFileSync(join(bin, `${name}.cjs`), 'utf8'), name}));
	try {
		for (const {file, name} of recorded) writeFileSync(file, recorder(name));
		mkdirSync(join(work, 'context'));
		writeFileSync(join(work, 'context', 'Boxfile'), boxfile);
		for (const name of ['one', 'two']) writeFileSync(join(work, 'context', `${name}.txt`), name);
		// Too much for the thread of the messages.
		writeFileSync(join(work, 'context', 'large'), Buffer.alloc(9 << 20));
		const args = ['build', '--store', join(work, 'store'), '-t', 'made', join(work, 'context')];
		const env = {...process.env};
		delete env.NODE_EXTRA_CA_CERTS;
		const build = () => spawnSync(process.execPath, [join(bin, 'boxbuild.cjs'), ...args], {env, timeout: 60_000});
		build();
		// That of the head start is the one of a build in which a file has changed.
		writeFileSync(join(work, 'context', 'one.txt'), 'changed');
		build();
		const headStart = join(bin, 'head-start.cache');
		if (existsSync(headStart)) renameSync(headStart, `${headStart}.kept`);
		// The command's cache is that of a build of hits, which is over sooner than a larger one is read. In other builds it waits for the worker anyway.
		rmSync(join(bin, 'boxbuild.cache'), {force: true});
		build();
		if (existsSync(`${headStart}.kept`)) renameSync(`${headStart}.kept`, headStart);
	} finally {
		for (const {file, text} of recorded) writeFileSync(file, text);
		// Of a worker that was ended while it wrote.
		for (const name of readdirSync(bin)) if (/\.cache\.\d+$/v.test(name)) rmSync(join(bin, name));
		rmSync(work, {recursive: true, force: true});
	}
}

/** A program that loads a bundle and keeps what is compiled: when it ends, and every now and then, because workers and threads may just be gone. */
function recorder(name) {
	return `const {writeFileSync, renameSync} = require('node:fs');
const scripts = new Map();
const load = (name) => require('../../src/load-bundle.cjs')(\`\${__dirname}/\${name}\`, (path, script) => scripts.set(path, script));
${name === 'boxbuild' ? "load('head-start').begin(process.argv.slice(2), process.env);\n" : ''}load('${name}');
const keep = () => {
	for (const [path, script] of scripts) {
		const file = \`\${path}.cache.\${process.pid}\`;
		writeFileSync(file, script.createCachedData());
		renameSync(file, \`\${path}.cache\`);
	}
};
process.on('exit', keep);
setInterval(keep, 30).unref();
`;
}
