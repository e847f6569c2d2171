import test from 'ava';
import {readBuildInfo} from '../../src/sbom/go/build-info.ts';
import {parseModules} from '../../src/sbom/go/go.ts';
import {brief, inventoryOf, problemsOf, sbomFixture} from '../support/layered-files.ts';

const sentinel = '0123456789abcdef';
const modules = 'path\texample.com/old\nmod\texample.com/old\tv1.0.0\th1:x=\ndep\texample.org/greet\tv1.2.3\n';
const expected = [
	'example.com/hello - 0',
	'example.org/fork v0.2.0 0',
	'example.org/greet v1.2.3 0',
	'example.org/here v0.0.0 0',
	'stdlib 1.19.8 0',
];

/** A program as Go before 1.18 linked it: no section headers, addresses of two strings behind the mark. */
function pointerForm(bits: 32 | 64, options: {readonly bigEndian?: boolean} = {}): Buffer {
	const size = bits / 8;
	const bigEndian = options.bigEndian === true;
	const file = Buffer.alloc(1024);
	const half = (value: number, at: number): unknown => (bigEndian ? file.writeUInt16BE(value, at) : file.writeUInt16LE(value, at));
	const word = (value: number, at: number): unknown => (bigEndian ? file.writeUInt32BE(value, at) : file.writeUInt32LE(value, at));
	const pointer = (value: number, at: number): unknown => {
		if (bits === 32) return word(value, at);
		return bigEndian ? file.writeBigUInt64BE(BigInt(value), at) : file.writeBigUInt64LE(BigInt(value), at);
	};
	const base = 0x400000;
	const text = `${sentinel}${modules}${sentinel}`;
	file.write('\x7fELF', 'latin1');
	file[4] = bits === 64 ? 2 : 1;
	file[5] = bigEndian ? 2 : 1;
	const headers = 64;
	pointer(headers, bits === 64 ? 0x20 : 0x1c);
	half(bits === 64 ? 56 : 32, bits === 64 ? 0x36 : 0x2a);
	half(1, bits === 64 ? 0x38 : 0x2c);
	word(1, headers);
	word(6, headers + (bits === 64 ? 4 : 24));
	pointer(0, headers + (bits === 64 ? 8 : 4));
	pointer(base, headers + (bits === 64 ? 16 : 8));
	pointer(file.length, headers + (bits === 64 ? 32 : 16));
	const mark = 256;
	file.write('\xff Go buildinf:', mark, 'latin1');
	file[mark + 14] = size;
	file[mark + 15] = bigEndian ? 1 : 0;
	for (const [index, [at, content]] of (
		[
			[320, 'go1.16'],
			[384, text],
		] as const
	).entries()) {
		pointer(base + at - 32, mark + 16 + index * size);
		pointer(base + at, at - 32);
		pointer(content.length, at - 32 + size);
		file.write(content, at);
	}
	return file;
}

for (const name of ['hello-amd64', 'hello-386']) {
	test(`the modules of a program that Go linked: ${name}`, (t) => {
		const inventory = inventoryOf({'usr/bin/hello': {program: sbomFixture(`${name}.buildinfo`)}});
		t.deepEqual(brief(inventory), expected);
		t.deepEqual(problemsOf(inventory), []);
	});
}

test('programs of Go before 1.18, in every width and byte order', (t) => {
	for (const bits of [32, 64] as const) {
		for (const bigEndian of [false, true]) {
			const inventory = inventoryOf({'bin/old': {program: pointerForm(bits, {bigEndian})}});
			t.deepEqual(brief(inventory), ['example.com/old v1.0.0 0', 'example.org/greet v1.2.3 0', 'stdlib 1.16 0'], `${bits} ${bigEndian}`);
		}
	}
});

test('only executable files that begin as ELF files are looked into, and only their headers', (t) => {
	const program = sbomFixture('hello-amd64.buildinfo');
	t.deepEqual(brief(inventoryOf({'usr/bin/hello': program})), [], 'it is not executable');
	const read: [number, number][] = [];
	const large = Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.alloc(1 << 20)]);
	const file = {
		size: large.length,
		read: (offset: number, length: number) => (read.push([offset, length]), large.subarray(offset, offset + length)),
	};
	t.is(readBuildInfo(file), undefined);
	t.deepEqual(read, [[0, 64]]);
});

test('a hard link is no second program, and stays one when the other name goes', (t) => {
	const program = {program: sbomFixture('hello-amd64.buildinfo')};
	t.deepEqual(brief(inventoryOf({'bin/a': program, 'bin/b': {hardlink: 'bin/a'}})), expected);
	t.deepEqual(brief(inventoryOf({'bin/a': program, 'bin/b': {hardlink: 'bin/a'}}, {'bin/a': 'deleted'})), expected);
});

test('the same program twice is there twice, each with its layer', (t) => {
	const program = {program: sbomFixture('hello-amd64.buildinfo')};
	const {packages} = inventoryOf({'bin/a': program}, {'bin/b': program});
	t.deepEqual(
		packages.filter(({name}) => name === 'stdlib').map(({path, layer}) => `${path} ${layer}`),
		['bin/a 0', 'bin/b 1'],
	);
});

test('a replaced module counts as what replaces it, one in a directory as itself', (t) => {
	const text = 'dep\ta.example/x\tv1\th1:=\n=>\tb.example/y\tv2\th1:=\ndep\tc.example/z\tv3\n=>\t./z\t(devel)\n';
	t.deepEqual(parseModules(text), [
		{name: 'b.example/y', version: 'v2'},
		{name: 'c.example/z', version: 'v3'},
	]);
});

test('damage never ends in a crash: every byte, every length', (t) => {
	for (const whole of [sbomFixture('hello-amd64.buildinfo'), sbomFixture('hello-386.buildinfo'), pointerForm(64), pointerForm(32)]) {
		const at = whole.indexOf('Go buildinf');
		const places = [
			...Array(200).keys(),
			...Array.from({length: 64}, (_, index) => at + index),
			...Array.from({length: 256}, (_, index) => whole.length - 1 - index),
		];
		for (const place of places) {
			const changed = Buffer.from(whole);
			changed[place] = 0xff;
			t.notThrows(() => inventoryOf({'bin/x': {program: changed}}));
		}
		for (let length = 64; length < whole.length; length += 61)
			t.notThrows(() => inventoryOf({'bin/x': {program: whole.subarray(0, length)}}));
	}
	const cut = sbomFixture('hello-amd64.buildinfo');
	cut.fill(0xff, cut.indexOf('Go buildinf') + 30, cut.indexOf('Go buildinf') + 40);
	t.regex(problemsOf(inventoryOf({'bin/x': {program: cut}}))[0] ?? '', /^partial bin\/x 0 its build information points outside the file/v);
});
