import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	rmdirSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {makeScaffold} from '../../src/executor/worker/scaffold.ts';
import {mount, mountFlags, unmount} from '../../src/host/mount.ts';
import {architectures} from '../../src/isolation/architecture.ts';
import {OwnerService} from '../../src/isolation/owner-service.ts';
import {stepProgramRunner} from '../../src/isolation/step-program-runner.ts';
import type {StepSpec} from '../../src/isolation/step-spec.ts';
import {openOverlay} from '../../src/rootfs/overlay-driver.ts';

/** Runs one command in a root of two layers and says what came of it; arguments: way of mounting, then the command. */
const [way = '', busybox = '', ...args] = process.argv.slice(2);
const architecture = architectures.get(process.arch);
if (architecture === undefined) throw new Error('no architecture');
process.umask(0o022);
mount('none', '/', null, mountFlags.recursive | mountFlags.private);
const top = mkdtempSync(`${tmpdir()}/boxbuild-step-`);
mount('step', top, 'tmpfs', 0, 'mode=755');
for (const name of ['one/bin', 'one/etc', 'two', 'upper', 'work', 'root', 'l']) mkdirSync(`${top}/${name}`, {recursive: true});
copyFileSync(busybox, `${top}/one/bin/sh`);
writeFileSync(`${top}/one/etc/lower`, 'from one');
writeFileSync(`${top}/two/file`, 'from two');
if (way === 'hostile-links') {
	symlinkSync('/../../../../../../etc/passwd', `${top}/two/link`);
	mkdirSync(`${top}/two/etc`);
	symlinkSync('../../../../../../../../etc/hostname', `${top}/two/etc/resolv.conf`);
}
const scaffold = makeScaffold(top);
for (const [index, target] of ['two', 'one', 'scaffold'].entries()) symlinkSync(`${top}/${target}`, `${top}/l/${index}`);
process.chdir(`${top}/l`);
const driver = openOverlay(way !== 'option-string', `${top}/empty`);
const view = await driver.view(['0', '1'], `${top}/view`);
const seen = readdirSync(view.path).sort();
await view.close();
const root = await driver.root({lowers: ['0', '1', '2'], directory: top});
const output: string[] = [];
const spec = (command: readonly string[]): StepSpec => ({
	architecture,
	hasNamespaces: true,
	root: root.mount,
	mountpoint: `${top}/root`,
	binds: scaffold.binds,
	masks: scaffold.masks,
	insecure: false,
	hostname: 'boxbuild',
	network: way === 'no-network' ? 'none' : 'host',
	args: command,
	env: ['PATH=/nowhere:/bin', 'A=b c'],
	cwd: '/',
	uid: 0,
	gid: 0,
	groups: [],
	canSetGroups: false,
	maxFiles: 4096,
});
const runner = stepProgramRunner(top, new OwnerService(new URL('owner-thread.js', import.meta.url)));
const programs = (): readonly string[] => readdirSync(top).filter((name) => name.startsWith('step-'));
// What is foreseen wrongly must not run.
if (way.startsWith('foreseen')) runner.foresee(spec(way === 'foreseen' ? [...args] : ['sh', '-c', 'echo wrong']));
const foreseen = programs().length;
const result = await runner.run(
	spec(args),
	{output: (_, chunk) => void output.push(chunk.toString()), started: () => {}, running: () => {}, mounted: () => void output.push('')},
	AbortSignal.timeout(20_000),
);
const left = programs().length;
if ('gone' in result) await result.gone;
await root.close();
const hostFiles = existsSync('/etc/hostname') ? readFileSync('/etc/hostname', 'utf8') : '';
const links = existsSync(`${top}/two/link`) ? readlinkSync(`${top}/two/link`) : '';
process.stdout.write(
	JSON.stringify({result, foreseen, left, output: output.join(''), seen, upper: readdirSync(`${top}/upper`).sort(), hostFiles, links}),
);
process.chdir('/');
unmount(top);
rmdirSync(top);
