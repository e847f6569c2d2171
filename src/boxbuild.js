#!/usr/bin/env node
import '../.build/bin/boxbuild.mjs';
