import {createHash} from 'node:crypto';
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';

/** Ways for a tar that somebody else has made to become files of a build: the instruction for it, and how the tar is wrapped. */
export const media: Readonly<Record<string, {readonly from: string; readonly wrap: (tar: Buffer, directory: string) => void}>> = {
	'FROM tar:': {from: 'FROM tar:x.tar', wrap: (tar, directory) => writeFileSync(`${directory}/x.tar`, tar)},
	'FROM oci:': {from: 'FROM oci:layout', wrap: (tar, directory) => writeLayout(tar, `${directory}/layout`)},
	'FROM oci-archive:': {
		from: 'FROM oci-archive:x.oci',
		wrap(tar, directory) {
			writeLayout(tar, `${directory}/layout`);
			execFileSync('tar', ['-C', `${directory}/layout`, '-cf', `${directory}/x.oci`, '.']);
		},
	},
	'FROM docker-archive:': {
		from: 'FROM docker-archive:x.docker',
		wrap(tar, directory) {
			mkdirSync(`${directory}/docker`);
			writeFileSync(`${directory}/docker/layer.tar`, tar);
			writeFileSync(`${directory}/docker/config.json`, configOf(tar));
			writeFileSync(
				`${directory}/docker/manifest.json`,
				JSON.stringify([{Config: 'config.json', RepoTags: ['x:1'], Layers: ['layer.tar']}]),
			);
			execFileSync('tar', ['-C', `${directory}/docker`, '-cf', `${directory}/x.docker`, '.']);
		},
	},
	'COPY --from=oci:': {from: 'FROM scratch\nCOPY --from=oci:layout / /', wrap: (tar, directory) => writeLayout(tar, `${directory}/layout`)},
	ADD: {from: 'FROM scratch\nADD x.tar /', wrap: (tar, directory) => writeFileSync(`${directory}/x.tar`, tar)},
};

export function digestOf(bytes: Buffer | string): string {
	return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The configuration of an image of this one layer; `more` is what an attacker adds. */
export function configOf(tar: Buffer, more: object = {}): string {
	return JSON.stringify({architecture: 'amd64', os: 'linux', config: {}, rootfs: {type: 'layers', diff_ids: [digestOf(tar)]}, ...more});
}

/** An OCI layout of an image of this one layer. */
export function writeLayout(tar: Buffer, directory: string, config = configOf(tar)): void {
	mkdirSync(`${directory}/blobs/sha256`, {recursive: true});
	const put = (bytes: Buffer | string, type: string): {mediaType: string; digest: string; size: number} => {
		const digest = digestOf(bytes);
		writeFileSync(`${directory}/blobs/${digest.replace(':', '/')}`, bytes);
		return {mediaType: `application/vnd.oci.image.${type}`, digest, size: Buffer.byteLength(bytes)};
	};
	const layers = [put(tar, 'layer.v1.tar')];
	const manifest = put(JSON.stringify({schemaVersion: 2, config: put(config, 'config.v1+json'), layers}), 'manifest.v1+json');
	writeFileSync(`${directory}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
	writeFileSync(`${directory}/index.json`, JSON.stringify({schemaVersion: 2, manifests: [manifest]}));
}
