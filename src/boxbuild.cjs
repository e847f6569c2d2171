#!/usr/bin/env node
'use strict';
const {dirname} = require('node:path');

const loadBundle = require('./load-bundle.cjs');

const bin = `${dirname(__dirname)}/.build/bin`;
// Before anything else: see src/README.md, "Start".
loadBundle(`${bin}/head-start`).begin(process.argv.slice(2), process.env);
loadBundle(`${bin}/boxbuild`);
