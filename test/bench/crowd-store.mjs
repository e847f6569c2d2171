// Fills a store, as the root of its namespace: `node crowd-store.mjs STORE IMAGES LAYERS`. Each layer is a directory with one file, with its
// index and the record of a step; the images share the layers out. The files are those that boxbuild writes (src/store).
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const [store, images, layers] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const hex = (text) => createHash('sha256').update(text).digest('hex');
const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** A value with the digest of its canonical JSON: keys in order. */
function seal(path, value) {
	const text = JSON.stringify(value);
	writeFileSync(path, `{"sha256":"${hex(text)}","value":${text}}\n`);
}

function addLayer(number) {
	const name = hex(`layer ${number}`);
	const fs = join(store, 'layers', name, 'fs');
	mkdirSync(fs, {recursive: true});
	writeFileSync(join(fs, 'file'), String(number));
	const line = `${JSON.stringify({path: 'file', type: 'file', mode: 0o644, uid: 0, gid: 0, size: String(number).length, mtime: 0})}\n`;
	writeFileSync(join(store, 'index', `${name}.jsonl`), `${line}${JSON.stringify({entries: 1, digest: `sha256:${hex(line)}`})}\n`);
	seal(join(store, 'layers', name, 'record.json'), {bootId, diffId: `sha256:${name}`, directory: true, size: 2048});
	const steps = join(store, 'steps', hex(`operation ${number}`));
	mkdirSync(steps);
	seal(join(steps, `${hex(`parent ${number}`)}.json`), {diffId: `sha256:${name}`, ranAt: Date.now()});
	return `sha256:${name}`;
}

function putDocument(value) {
	const text = JSON.stringify(value);
	writeFileSync(join(store, 'blobs', 'sha256', hex(text)), text);
	return {digest: `sha256:${hex(text)}`, size: text.length};
}

const diffIds = Array.from({length: layers}, (_, number) => addLayer(number));
const share = Math.ceil(layers / images);
const index = JSON.parse(readFileSync(join(store, 'index.json'), 'utf8'));
for (let number = 0; number < images; number++) {
	const own = diffIds.slice(number * share, (number + 1) * share);
	const config = putDocument({architecture: 'amd64', os: 'linux', config: {}, rootfs: {type: 'layers', diff_ids: own}});
	const manifest = putDocument({
		schemaVersion: 2,
		mediaType: 'application/vnd.oci.image.manifest.v1+json',
		config: {mediaType: 'application/vnd.oci.image.config.v1+json', ...config},
		layers: own.map((digest) => ({mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: 2048})),
	});
	index.manifests.push({
		mediaType: 'application/vnd.oci.image.manifest.v1+json',
		...manifest,
		platform: {architecture: 'amd64', os: 'linux'},
		annotations: {'org.opencontainers.image.ref.name': `localhost/crowd-${number}:latest`},
	});
}
writeFileSync(join(store, 'index.json'), JSON.stringify(index));
