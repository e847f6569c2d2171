#!/usr/bin/env node
'use strict';
const {dirname} = require('node:path');

require('./load-bundle.cjs')(`${dirname(__dirname)}/.build/bin/boxbuild`);
