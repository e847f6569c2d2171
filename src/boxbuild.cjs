#!/usr/bin/env node
'use strict';
require('./load-bundle.cjs')(`${__dirname}/../.build/bin/boxbuild`);
