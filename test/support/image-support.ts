import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {type DiffId, sha256} from '../../src/core/digest.ts';
import type {ExportContext, ExportSet} from '../../src/exporters/exporter.ts';
import type {OutputSpec} from '../../src/exporters/output-spec.ts';
import {parseOutput} from '../../src/exporters/output-spec.ts';
import {makeImageConfig, timestampOf} from '../../src/oci/make-image-config.ts';
import type {Store} from '../../src/store/open-store.ts';

export const epoch = 315_532_800;
export const platform = {os: 'linux', architecture: 'amd64'};

/** An uncompressed tar of a directory with these files, made by the system's tar. */
export function makeTar(directory: string, name: string, files: Readonly<Record<string, string | Buffer>>): string {
	const root = `${directory}/${name}.d`;
	for (const [path, content] of Object.entries(files)) {
		mkdirSync(`${root}/${path}`.replace(/\/[^\/]*$/v, ''), {recursive: true});
		writeFileSync(`${root}/${path}`, content);
	}
	execFileSync('tar', [
		'--sort=name',
		'--numeric-owner',
		'-C',
		root,
		'-cf',
		`${directory}/${name}.tar`,
		...Object.keys(files)
			.map((path) => path.replace(/\/.*$/v, ''))
			.filter((path, at, all) => all.indexOf(path) === at),
	]);
	return `${directory}/${name}.tar`;
}

export interface Fixture {
	readonly set: ExportSet;
	readonly context: ExportContext;
}

/** An image of these layer tars. */
export function makeImage(store: Store, tars: readonly string[], names: readonly string[] = ['docker.io/library/app:v1']): Fixture {
	const contents = tars.map((path) => readFileSync(path));
	const diffIds = contents.map((bytes) => sha256(bytes) as string as DiffId);
	const created = timestampOf(epoch);
	return {
		set: {
			images: [
				{
					config: makeImageConfig({
						platform,
						config: {Cmd: ['/bin/sh']},
						diffIds,
						history: diffIds.map(() => ({created, created_by: 'test'})),
						created,
					}),
					layers: contents.map((bytes, at) => ({diffId: diffIds[at] as DiffId, size: bytes.length})),
				},
			],
			isIndex: false,
			annotations: [],
			names,
		},
		context: {
			store,
			epoch,
			layers: {
				async *open(diffId) {
					yield contents[diffIds.indexOf(diffId)] ?? Buffer.alloc(0);
				},
			},
		},
	};
}

export function outputOf(text: string): OutputSpec {
	const {value, diagnostics} = parseOutput(text);
	if (value === undefined) throw new Error(diagnostics[0]?.because?.join());
	return value;
}
