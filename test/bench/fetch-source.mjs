import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {check} from './check.mjs';

/**
 * Fetches the upstream source of a Debian package into the directory `into`, from the archive that the machine's packages come from. All that
 * apt reads and writes for it is in `work`: the machine's own lists and configuration stay as they are.
 */
export async function fetchSource(bench, {name, work, into}) {
	for (const directory of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(work, directory), {recursive: true});
	mkdirSync(into, {recursive: true});
	const list = join(work, 'sources.list');
	writeFileSync(list, `deb-src ${await findArchive(bench)}\n`);
	const settings = {
		'Dir::Etc::SourceList': list,
		'Dir::Etc::SourceParts': '-',
		'Dir::State::Lists': join(work, 'lists'),
		'Dir::Cache': join(work, 'cache'),
		'APT::Sandbox::User': 'root',
	};
	const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
	const apt = (...args) => bench.asSelf(['apt-get', '-qq', ...options, ...args], {environment: process.env, directory: work});
	check(await apt('update', '--error-on=any'), 'apt-get update');
	check(await apt('source', '--download-only', name), 'apt-get source');
	const archive = readdirSync(work).find((file) => /\.orig\.tar\.\w+$/v.test(file));
	if (archive === undefined) throw new Error(`the source of ${name} has no upstream archive`);
	check(await bench.asSelf(['tar', '-xf', join(work, archive), '--strip-components=1', '--no-same-owner', '-C', into]), 'tar -x');
}

/** Address, release and component of the first Debian archive that apt on this machine uses. */
async function findArchive(bench) {
	const format = '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)';
	const command = ['apt-get', 'indextargets', '--format', format, 'Created-By: Packages', 'Origin: Debian', 'Component: main'];
	const {output} = check(await bench.asSelf(command, {environment: process.env}), 'apt-get indextargets');
	const [line = ''] = output.split('\n');
	if (line === '') throw new Error('apt knows no Debian archive');
	return line.slice('Debian '.length);
}
