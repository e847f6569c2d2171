import test from 'ava';
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
