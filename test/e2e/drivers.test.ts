import test from 'ava';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {aptArguments, debianTar} from '../support/debian-base.ts';
import {debian, heavy, root} from '../support/requirements.ts';
import {writeStockContainer} from '../support/stock-container.ts';
import {when} from '../support/when.ts';
import {boxbuildProgram, runProgram, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

/** Packages with users, set-group-ID programs and links; what differs between any two installations is deleted. */
const boxfile = (tar: string): string => `FROM tar:${tar}
ARG APT_OPTIONS=""
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get $APT_OPTIONS update -qq && apt-get $APT_OPTIONS install -qq -y --no-install-recommends openssh-client dbus && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/apt/*.bin /var/cache/ldconfig /var/lib/dbus/machine-id /etc/machine-id
RUN useradd --system --uid 990 --create-home --home-dir /srv/web web && install -o web -m 2750 -d /srv/web/d && rm -r /usr/share/doc && dpkg --purge openssh-client && rm -rf /var/log/*
`;

when(busybox, 'what a layer does not say no later step sees, with a driver that goes on in the same directory neither', async (t) => {
	const boxfile = `RUN mkdir -m 777 /w && echo > /f && chmod 700 / && mkfifo /p && touch -d @7 /
RUN echo > /.wh.f
RUN stat -c '%a %u' / > /mode && ls -A / > /names
RUN --mount=type=tmpfs,target=/t ls -A / >> /names
RUN ls -A / >> /names && ln /names /again && echo more >> /again && cat /names > /copy
`;
	const digests = [];
	for (const driver of ['overlay', 'overlay-tmpfs', 'copy'])
		digests.push(await place.digest(t, busyboxFiles(boxfile), ['--no-cache', '--driver', driver]));
	t.deepEqual(digests, [digests[0], digests[0], digests[0]]);
});

when(busybox, 'stages that go on from one state at the same time do not share a root', async (t) => {
	const stages = [1, 2, 3, 4, 5, 6].map((n) => `FROM base AS s${n}\nRUN true\nRUN echo ${n} > /n && ls / > /count\nRUN cat /n >> /count\n`);
	const copies = [1, 2, 3, 4, 5, 6].map((n) => `COPY --from=s${n} /count /count${n}\n`);
	const files = busyboxFiles(`${stages.join('')}FROM scratch\n${copies.join('')}`);
	const [one, other] = [await place.digest(t, files, ['--no-cache']), await place.digest(t, files, ['--no-cache', '--driver', 'copy'])];
	t.is(other, one);
});

when([debian, heavy], 'an installation of packages makes the same layers with every driver', async (t) => {
	const context = place.context({Boxfile: boxfile(debianTar(place.directory))});
	const digests: Record<string, string> = {};
	for (const driver of ['overlay', 'overlay-tmpfs', 'copy'])
		digests[driver] = await place.digest(t, context, ['--no-cache', '--driver', driver, ...aptArguments()]);
	t.is(new Set(Object.values(digests)).size, 1, JSON.stringify(digests));
});

when([debian, root], 'root makes the same layers with namespaces and without', async (t) => {
	const context = place.context({Boxfile: boxfile(debianTar(place.directory))});
	const expected = await place.digest(t, context, ['--no-cache', ...aptArguments()]);
	const file = place.fresh('container');
	const options = ['--no-cache', '--quiet', '--store', place.store, ...aptArguments()];
	writeStockContainer(file, [process.execPath, boxbuildProgram, 'build', context, ...options], {
		PATH: process.env['PATH'] ?? '',
		HOME: '/',
	});
	const ended = await runProgram([file]);
	t.is(ended.code, 0, ended.stderr);
	t.is(ended.stdout.trim(), expected);
});
