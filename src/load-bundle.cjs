'use strict';
const {readFileSync} = require('node:fs');
const {Script} = require('node:vm');

/**
 * Runs a bundle, `PATH.js`, with what V8 had compiled of it when it was made, `PATH.cache`: that is half of the time to start. V8 refuses the
 * cache of another version of itself, and one of a file of another length, and then compiles as usual. Returns the script.
 */
module.exports = function loadBundle(path) {
	const filename = `${path}.js`;
	// Bundles are ASCII: every byte is a character.
	const source = readFileSync(filename, 'latin1');
	const script = new Script(source, {filename, cachedData: readCache(`${path}.cache`)});
	const module = {exports: {}};
	script.runInThisContext()(module.exports, require, module, filename);
	return script;
};

function readCache(path) {
	try {
		return readFileSync(path);
	} catch {
		return undefined;
	}
}
