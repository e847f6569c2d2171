import {generateKeyPairSync, sign} from 'node:crypto';

export interface Certificate {
	/** PEM. */
	readonly cert: string;
	/** PEM. */
	readonly key: string;
}

/** A certificate of a host that vouches for itself, in DER as RFC 5280 has it; valid from 2020 to 2049. */
export function selfSigned(host: string): Certificate {
	const {publicKey, privateKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'});
	const algorithm = sequence(oid('2a8648ce3d040302'));
	const name = sequence(element(0x31, sequence(oid('550403'), element(0x0c, Buffer.from(host)))));
	const validity = sequence(element(0x17, Buffer.from('200101000000Z')), element(0x17, Buffer.from('491231000000Z')));
	const names = sequence(element(0x82, Buffer.from(host)));
	const extensions = sequence(
		sequence(oid('551d11'), element(0x04, names)),
		sequence(oid('551d13'), element(0x04, sequence(element(0x01, Buffer.from([0xff]))))),
	);
	const body = sequence(
		element(0xa0, integer(2)),
		integer(1),
		algorithm,
		name,
		validity,
		name,
		publicKey.export({type: 'spki', format: 'der'}),
		element(0xa3, extensions),
	);
	const signature = element(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
	const lines = sequence(body, algorithm, signature).toString('base64').replaceAll(/.{64}/gv, '$&\n');
	return {
		cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
		key: privateKey.export({type: 'pkcs8', format: 'pem'}).toString(),
	};
}

function element(tag: number, ...parts: readonly Buffer[]): Buffer {
	const content = Buffer.concat(parts);
	// The shortest form there is: others take no other one.
	const long = content.length < 0x100 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 0xff];
	const length = content.length < 0x80 ? [content.length] : long;
	return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
	return element(0x30, ...parts);
}

function integer(value: number): Buffer {
	return element(0x02, Buffer.from([value]));
}

function oid(hex: string): Buffer {
	return element(0x06, Buffer.from(hex, 'hex'));
}
