import {appendFileSync} from 'node:fs';
import {join} from 'node:path';
import {baseName} from '../base-name.mjs';
import {boxfile} from '../boxfile.mjs';
import {writeFiles} from '../write-files.mjs';

const count = 129;
const modules = ['core', 'http', 'store', 'auth', 'mail', 'search', 'jobs', 'web'];
const chapters = ['install', 'configure', 'operate', 'upgrade'];
const locales = ['de', 'en', 'es', 'fr', 'it', 'ja'];
const edited = 'modules/web/main.sh';

/** What all stages begin with. */
const base = [
	`ARG BASE=${baseName}`,
	'FROM ${BASE} AS base',
	'ARG VERSION=1.4.2',
	'ARG PREFIX=/opt/shop',
	'LABEL org.opencontainers.image.title=shop',
	'LABEL org.opencontainers.image.description="A shop of eight modules"',
	'LABEL org.opencontainers.image.version=${VERSION}',
	'LABEL org.opencontainers.image.licenses=Apache-2.0',
	'ENV LANG=C.UTF-8',
	'ENV TZ=UTC',
	'ENV PREFIX=${PREFIX}',
	'ENV PATH=${PREFIX}/bin:${PATH}',
	'RUN groupadd --system --gid 900 shop',
	'RUN useradd --system --uid 900 --gid shop --home-dir ${PREFIX} --shell /usr/sbin/nologin shop',
	'RUN install -d -o shop -g shop ${PREFIX} /var/lib/shop /var/log/shop',
];

/** Pages and messages, made of sources that rarely change. */
const assets = [
	'FROM base AS assets',
	'WORKDIR /assets',
	'COPY assets/style.css assets/logo.svg ./',
	'RUN tr -d "\\n\\t" < style.css > style.min.css',
	...locales.flatMap((name) => [
		`COPY assets/messages/${name}.txt messages/${name}.txt`,
		`RUN sort -u messages/${name}.txt > messages/${name}.sorted`,
	]),
	'RUN gzip -n9 -k style.min.css logo.svg',
	'RUN sha256sum *.css *.svg *.gz > manifest.txt',
];

const docs = [
	'FROM base AS docs',
	'WORKDIR /docs',
	...chapters.flatMap((name) => [`COPY docs/${name}.md ${name}.md`, `RUN sed "s/^# \\(.*\\)/<h1>\\1<\\/h1>/" ${name}.md > ${name}.html`]),
];

/** Each module is put together and checked before the next one. */
const build = [
	'FROM base AS build',
	'ARG OPTIMIZE=yes',
	'ENV OPTIMIZE=${OPTIMIZE}',
	'WORKDIR /src',
	'COPY Makefile.sh ./',
	...modules.flatMap((name) => [
		`ENV MODULE=${name}`,
		`COPY modules/${name}/settings.conf modules/${name}/settings.conf`,
		`COPY modules/${name}/main.sh modules/${name}/main.sh`,
		`RUN sh Makefile.sh build ${name}`,
		`RUN sh Makefile.sh check ${name}`,
	]),
];

const test = [
	'FROM build AS test',
	'ENV REPORT=/report',
	'WORKDIR /src',
	'COPY tests/run.sh tests/run.sh',
	...[0, 2, 4, 6].map((at) => `RUN sh tests/run.sh ${modules[at]} ${modules[at + 1]}`),
];

/** What is shipped. */
const final = [
	'FROM base AS final',
	'ARG REVISION=unknown',
	'LABEL org.opencontainers.image.revision=${REVISION}',
	'WORKDIR ${PREFIX}',
	'COPY --from=assets /assets share/assets',
	'COPY --from=build /src/out lib',
	'COPY --from=docs /docs share/doc/manual',
	'COPY --from=test /report share/report',
	'COPY LICENSE NOTICE share/doc/',
	'COPY conf/shop.conf conf/log.conf /etc/shop/',
	'COPY bin/entrypoint.sh bin/shop',
	'RUN chmod 755 bin/shop',
	...modules.map((name) => `ENV SHOP_${name.toUpperCase()}=on`),
	'RUN cat lib/*.sh > lib/shop.all && chown -R shop:shop lib',
	'RUN sed -i "s/@VERSION@/${VERSION}/" /etc/shop/shop.conf',
	'RUN rm -rf /usr/share/doc/* /var/cache/*',
	'RUN ln -s ${PREFIX}/bin/shop /usr/local/bin/shop',
	'RUN bin/shop --version',
	'EXPOSE 8080',
	'EXPOSE 8443 9090/udp',
	'VOLUME /var/lib/shop',
	'STOPSIGNAL SIGINT',
	'USER shop:shop',
	'WORKDIR /var/lib/shop',
	'ENTRYPOINT ["shop"]',
	'CMD ["--serve"]',
];

const lines = [...base, ...assets, ...docs, ...build, ...test, ...final];
if (lines.length !== count) throw new Error(`the workload has ${lines.length} instructions, not ${count}`);

const makefile = `set -e
module=modules/$2
case $1 in
build) mkdir -p out; sed "s/@MODULE@/$2/" $module/main.sh > out/$2.sh; cat $module/settings.conf >> out/settings.conf;;
check) sh -n out/$2.sh; grep -q "^$2\\." out/settings.conf;;
esac
`;

const tests = `set -e
mkdir -p $REPORT
for name; do . out/$name.sh; "\${name}_7" > $REPORT/$name; grep -qx 7 $REPORT/$name; done
`;

export const instructions = {
	name: 'instructions',
	title: `${count} instructions`,
	bases: ['debian'],
	write: (context) => writeFiles(context, [['Boxfile', boxfile(...lines)], ...sources()]),
	phases: [
		{name: 'cold', cold: true, goal: 0.2},
		{name: 'cached', goal: 0.6},
		{name: 'one file edited', change: (context, unique) => appendFileSync(join(context, edited), `# ${unique}`)},
	],
};

function sources() {
	return [
		['Makefile.sh', makefile],
		['tests/run.sh', tests],
		...chapters.map((name) => [`docs/${name}.md`, `# How to ${name}\n\n${'Text of some length. '.repeat(200)}\n`]),
		['LICENSE', 'Apache-2.0\n'],
		['NOTICE', 'A shop of eight modules.\n'],
		['conf/shop.conf', 'version = @VERSION@\nport = 8080\n'],
		['conf/log.conf', 'level = info\n'],
		['bin/entrypoint.sh', '#!/bin/sh\n. "$PREFIX/lib/shop.all"\necho "shop: $*"\n'],
		['assets/style.css', Array.from({length: 400}, (_, at) => `.item-${at} {\n\tmargin: ${at}px;\n}\n`).join('')],
		['assets/logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"><circle r="9"/></svg>\n'],
		...locales.map((name) => [
			`assets/messages/${name}.txt`,
			Array.from({length: 200}, (_, at) => `${(at * 37) % 200} ${name}\n`).join(''),
		]),
		...modules.flatMap((name) => [
			[`modules/${name}/settings.conf`, `${name}.enabled = yes\n${name}.workers = 4\n`],
			[`modules/${name}/main.sh`, Array.from({length: 60}, (_, at) => `@MODULE@_${at}() { echo ${at}; }\n`).join('')],
		]),
	];
}
