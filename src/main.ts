#!/usr/bin/env node
/** Hands the command line to `cli/`. */

import { runCommandLine } from './cli/main.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));
