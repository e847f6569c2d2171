#!/usr/bin/env node
'use strict';
const {dirname} = require('node:path');

const loadBundle = require('./load-bundle.cjs');

const bin = `${dirname(__dirname)}/.build/bin`;
// Before anything else, for what is a build and no other command: see src/README.md, "Start".
if (/^build$|[./]/.test(process.argv[2] ?? '')) loadBundle(`${bin}/head-start`).begin(process.argv.slice(2), process.env);
loadBundle(`${bin}/boxbuild`);
