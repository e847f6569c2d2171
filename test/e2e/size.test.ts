import test from 'ava';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {watchMemory} from '../support/peak-memory.ts';
import {heavy} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace, type Ended} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const most = 300 * 2 ** 20;
const lines = (count: number, line: (at: number) => string): string => Array.from({length: count}, (_, at) => line(at)).join('');

/** Builds and checks that no process needs more memory than that. */
async function builtSmall(t: Parameters<Workplace['built']>[0], boxfile: string, args: readonly string[]): Promise<Ended> {
	let watch: ReturnType<typeof watchMemory> | undefined;
	const ended = await place.built(t, busyboxFiles(boxfile), args, {
		started(child) {
			watch = watchMemory(child.pid ?? 0);
		},
	});
	const peak = watch?.stop();
	t.true(peak !== undefined && peak.bytes > 0 && peak.bytes < most, `${peak?.name}: ${Math.round((peak?.bytes ?? 0) / 2 ** 20)} MiB`);
	t.log(`${Math.round((peak?.bytes ?? 0) / 2 ** 20)} MiB, ${Math.round(ended.milliseconds)} ms`);
	return ended;
}

when(busybox, 'sixty steps', async (t) => {
	const tar = place.fresh('sixty.tar');
	await builtSmall(t, `${lines(60, (at) => `RUN echo ${at} > /f${at} && echo ${at} >> /all\n`)}`, ['-o', `type=tar,dest=${tar}`]);
	t.is((await printedBy(['tar', '-xOf', tar, 'all'])).trim().split('\n').length, 60);
});

when([busybox, heavy], 'of very many layers every step sees all, and what is deleted stays deleted', async (t) => {
	const lines = Array.from({length: 180}, (_, at) => {
		if (at === 90) return 'RUN rm /d/10 && rm -r /old && mkdir /old';
		return at === 20 ? 'RUN mkdir /old && echo x > /old/file' : `RUN mkdir -p /d/all && echo ${at} > /d/${at} && ln /d/${at} /d/all/${at}`;
	});
	const boxfile = `${lines.join('\n')}\nRUN { ls /d | grep -c .; ls /d/all | grep -c .; ls /old | grep -c .; cat /d/all/10 /d/60; cat /d/10 || echo gone; } > /out 2> /dev/null || true\n`;
	const tar = place.fresh('very-many.tar');
	await builtSmall(t, boxfile, ['-o', `type=tar,dest=${tar}`]);
	t.deepEqual((await printedBy(['tar', '-xOf', tar, 'out'])).trim().split('\n'), ['178', '178', '0', '10', '60', 'gone']);
});

when([busybox, heavy], 'a hundred stacked layers, each seen by the step above', async (t) => {
	const tar = place.fresh('hundred.tar');
	const boxfile = `${lines(100, (at) => `COPY <<EOF /f/${at}\n${at}\nEOF\n`)}RUN cat /f/* | wc -l > /count && rm /f/50\nRUN ls /f | wc -l > /left\n`;
	const {stdout} = await builtSmall(t, boxfile, ['-o', `type=tar,dest=${tar}`, '-o', `type=oci,dest=${tar}.oci`]);
	t.regex(stdout, /^ {6}105 layers/mv);
	t.is(await printedBy(['tar', '-xOf', tar, 'count', 'left']), '100\n99\n');
});

when([busybox, heavy], 'a step that writes 1 GiB', async (t) => {
	const tar = place.fresh('gib.tar');
	await builtSmall(t, 'RUN yes boxbuild | head -c 1073741824 > /big\nRUN sha256sum < /big > /sum && rm /big\n', [
		'-o',
		`type=oci,dest=${tar},compression-level=1`,
	]);
});

when([busybox, heavy], 'a step that writes 30 000 files', async (t) => {
	const tar = place.fresh('many.tar');
	const boxfile =
		'RUN mkdir /m && cd /m && for d in $(seq 300); do mkdir $d; for f in $(seq 100); do echo $d.$f > $d/$f; done; done\nRUN rm -r /m/7 && find /m -type f | wc -l > /count\n';
	await builtSmall(t, boxfile, ['-o', `type=tar,dest=${tar}`]);
	t.is(await printedBy(['tar', '-xOf', tar, 'count']), '29900\n');
	t.is((await printedBy(['tar', '-tf', tar])).split('\n').filter((path) => /^m\/\d+\/\d+$/v.test(path)).length, 29_900);
});
