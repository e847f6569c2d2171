'use strict';
const {existsSync, readFileSync} = require('node:fs');
const {builtinModules} = require('node:module');
const {Script} = require('node:vm');

/** Modules of Node that are used as soon as they are there, or so often that asking for them each time is too slow. */
const eager = new Set(['fs', 'path', 'buffer', 'events', 'util', 'module', 'process']);

/**
 * Runs a bundle, `PATH.js`, with what V8 had compiled of it when it was made, `PATH.cache`: that is half of the time to start. V8 refuses the
 * cache of another version of itself, and one of a file of another length, and then compiles as usual. `made` is told every script with its path.
 */
module.exports = function loadBundle(path, made = () => {}) {
	const filename = `${path}.js`;
	// Bundles are ASCII: every byte is a character.
	const source = readFileSync(filename, 'latin1');
	const script = new Script(source, {filename, cachedData: readCache(`${path}.cache`)});
	made(path, script);
	const module = {exports: {}};
	const directory = path.slice(0, path.lastIndexOf('/'));
	const packages = new Map();
	const requireFrom = (name) => {
		const builtin = name.startsWith('node:') ? name.slice(5) : name;
		if (builtinModules.includes(builtin)) return eager.has(builtin) ? require(name) : later(() => require(name));
		const file = `${directory}/${fileOfPackage(name)}`;
		if (!existsSync(`${file}.js`)) return require(name);
		return later(() => {
			if (!packages.has(name)) packages.set(name, loadBundle(file, made));
			return packages.get(name);
		});
	};
	script.runInThisContext()(module.exports, requireFrom, module, filename);
	return module.exports;
};

/** What the bundle of a package is called, where it has one. */
function fileOfPackage(name) {
	return `package-${name.replaceAll('/', '_')}`;
}

module.exports.fileOfPackage = fileOfPackage;

/** A module that is loaded when something of it is first used: most builds use few of them, and some take milliseconds. */
function later(load) {
	return new Proxy(
		// Some modules are functions.
		() => {},
		{
			apply: (_, self, args) => Reflect.apply(load(), self, args),
			get: (_, property) => load()[property],
			has: (_, property) => property in load(),
			ownKeys: () => Reflect.ownKeys(load()),
			getOwnPropertyDescriptor: (_, property) => {
				const found = Object.getOwnPropertyDescriptor(load(), property);
				return found === undefined ? undefined : {...found, configurable: true};
			},
		},
	);
}

function readCache(path) {
	try {
		return readFileSync(path);
	} catch {
		return undefined;
	}
}
