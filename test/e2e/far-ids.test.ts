import test from 'ava';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {listResult, readResult} from '../support/list-result.ts';
import {makeTar, member} from '../support/make-tar.ts';
import {idModes, manyIds, notRoot} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

/** A store for each way to have ids: their layers are unpacked in another way. */
const places = new Map(idModes.map((ids) => [ids, new Workplace()]));
test.after.always(async () => {
	for (const place of places.values()) await place.remove();
});

/** A layer of others with ids that the usual range of 65536 lacks. */
const far = {uid: 300_000, gid: 400_000};
const archive = makeTar([
	member('directory', 'far', '', far),
	...['all', 'root', 'user', 'group', 'kept', 'wide'].map((name) => member('file', `far/${name}`, 'x', far)),
	...['link', 'kept-link'].map((name) => member('symlink', `far/${name}`, 'all', far)),
	member('fifo', 'far/pipe', '', far),
	member('file', 'far/half', 'x', {uid: 1000, gid: far.gid}),
]);

for (const ids of idModes) {
	const options = ['--ids', ids];
	const place = places.get(ids) ?? new Workplace();
	const ownersOf = async (t: Parameters<typeof listResult>[0], boxfile: string): Promise<Readonly<Record<string, string>>> => {
		const lines = await listResult(t, place, busyboxFiles(boxfile, {'far.tar': archive}), options);
		return Object.fromEntries(lines.map((line) => line.split(' ')).map(([, owner = '', path = '']) => [path, owner]));
	};

	when(busybox, `ids beyond the mapped ones come out of archives and copies as they went in: ${ids}`, async (t) => {
		const boxfile = `ADD far.tar /
COPY --chown=300001:400001 etc /copied
RUN mv /far/kept /far/moved && echo y >> /far/wide && chmod 600 /far/wide && touch -h -d 2001-01-01 /far/link /far/pipe && mv /far/pipe /far/moved-pipe
FROM base
COPY --from=base /far /again
COPY --from=base --chown=0:400002 /far/link /far/wide /given/
`;
		t.like(await ownersOf(t, boxfile), {
			'again/moved': '300000/400000',
			'again/wide': '300000/400000',
			'again/link': '300000/400000',
			'again/kept-link': '300000/400000',
			'again/moved-pipe': '300000/400000',
			'again/half': '1000/400000',
			'given/': '0/400002',
			'given/wide': '0/400002',
			'copied/': '300001/400001',
			'copied/passwd': '300001/400001',
			'far/': '300000/400000',
			'far/moved': '300000/400000',
		});
	});

	when(busybox, `what a step gives to ids of its own stays so: ${ids}`, async (t) => {
		const boxfile = `ADD far.tar /
RUN cd /far && chown 1000:1000 all && chown 0:0 root && chown 1000 user && chgrp 1000 group && chown -h 5:6 link pipe && chown 7:8 .
RUN cd /far && chown 9 group
`;
		t.like(await ownersOf(t, boxfile), {
			'far/': '7/8',
			'far/all': '1000/1000',
			'far/root': '0/0',
			'far/user': '1000/400000',
			'far/group': '9/1000',
			'far/kept': '300000/400000',
			'far/link': '5/6',
			'far/kept-link': '300000/400000',
			'far/pipe': '5/6',
			'far/half': '1000/400000',
		});
	});

	when(busybox, `a step gives files to ids beyond the mapped ones: ${ids}`, async (t) => {
		const boxfile = `RUN mkdir -p -m 777 /w && cd /w && mkdir d && touch f g h && ln -s f l && mkfifo p && chmod 6755 g && chown 300000:400000 d f l && chown -h 300000:5 l p && chown 300000 g && chgrp 400000 h && chown 4294967294:4294967294 /etc/group
RUN cd /w && chown 5 f && chown :4000000000 d && ! chown 300000 /none
USER app
RUN touch /w/mine && ! chown 300000 /w/mine && ! chgrp 400000 /w/mine
`;
		t.like(await ownersOf(t, boxfile), {
			'w/d/': '300000/4000000000',
			'w/f': '5/400000',
			'w/g': '300000/0',
			'w/h': '0/400000',
			'w/l': '300000/5',
			'w/p': '300000/5',
			'w/mine': '1000/1000',
			'etc/group': '4294967294/4294967294',
		});
		const lines = await listResult(t, place, busyboxFiles(boxfile), options);
		t.true(lines.includes('-rwxr-xr-x 300000/0 w/g'), lines.join('\n'));
	});

	if (ids === 'single')
		when(busybox, 'with one id a step is told ids of any size', async (t) => {
			const boxfile =
				"ADD far.tar /\nRUN chown 4294967294 /etc/group && stat -c '%u:%g %n' /far /far/link /etc/group > /out && cp -a /far/all /copy && stat -c '%u' /copy >> /out\n";
			const out = await readResult(t, place, busyboxFiles(boxfile, {'far.tar': archive}), 'out', options);
			t.is(out, '300000:400000 /far\n300000:400000 /far/link\n4294967294:0 /etc/group\n300000\n');
		});
}

when([busybox, notRoot, manyIds], 'the layers are the same with one id and with many', async (t) => {
	const boxfile =
		'ADD far.tar /\nRUN cd /far && chown 1000 user && chown 0:0 root && chown -h 300001:400001 all link pipe && mkdir n && chown 5:400000 n\n';
	const digests = await Promise.all(
		['single', 'multi'].map(async (ids) => {
			const other = new Workplace();
			try {
				return await other.digest(t, busyboxFiles(boxfile, {'far.tar': archive}), ['--ids', ids]);
			} finally {
				await other.remove();
			}
		}),
	);
	t.is(digests[0], digests[1]);
});
